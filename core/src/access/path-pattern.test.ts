import test from 'ava';
import {findPathPattern} from './path-pattern.ts';

const cases: readonly (readonly [pattern: string, matching: readonly string[], others: readonly string[]])[] = [
	['**', ['app', 'team/app', 'team/app/debug'], []],
	['**/*', ['app', 'team/app'], []],
	['*', ['app'], ['team/app']],
	['app', ['app'], ['apps', 'team/app', 'app/debug']],
	['team/**', ['team', 'team/app', 'team/app/debug'], ['teams/app', 'other/team/app', 'tea']],
	['team/', ['team', 'team/app', 'team/app/debug'], ['teams']],
	['/team/app', ['team/app'], ['team']],
	['team/*', ['team/app'], ['team', 'team/app/debug', 'teams/app']],
	['team/app/**', ['team/app', 'team/app/debug'], ['team/apps', 'team']],
	['team/app/latest/**', ['team/app/latest'], ['team/app']],
	['*/app', ['team/app'], ['app', 'team/sub/app']],
	['**/app', ['app', 'team/app', 'team/sub/app'], ['team/app/debug', 'team/apps']],
	['**/app/**', ['app', 'team/app/debug'], ['team/apps']],
	['a/**/b/**/c', ['a/b/c', 'a/x/b/y/z/c', 'a/b/b/c/c'], ['a/c/b', 'a/b', 'a/b/c/d']],
	['te?m/a*p', ['team/app', 'teem/ap', 'team/a-long-p'], ['tem/app', 'team/appl']],
	['team/**/**', ['team', 'team/a/b'], ['a']],
	['team//app', ['team/app'], ['team']],
	['re**se', ['release', 'rese'], ['re/se', 'release/1']],
	['*a*b*c', ['abc', 'xaybzc', 'aabbcc'], ['acb', 'abcd']],
	['Team/**', ['Team/x'], ['team/app']],
	['team.+/(app)', ['team.+/(app)'], ['teamm/app']],
];

for (const [text, matching, others] of cases) {
	test(`${text} matches ${matching.join(', ')} and not ${others.join(', ')}`, t => {
		const pattern = findPathPattern(text);
		t.deepEqual(
			[...matching, ...others].filter(path => pattern?.matches(path)),
			matching,
		);
	});
}

for (const text of [
	'',
	'/',
	'a\u0000b',
	'../a',
	'a/../b',
	'a'.repeat(1025),
	Array.from({length: 65}, () => 'a').join('/'),
]) {
	test(`${JSON.stringify(text.slice(0, 20))} (${text.length} characters) is no pattern`, t => {
		t.is(findPathPattern(text), undefined);
	});
}

test('patterns made to take long do not', t => {
	const segments = findPathPattern(`${'**/a/'.repeat(31)}b`);
	const characters = findPathPattern(`${'*a'.repeat(500)}b`);
	const started = performance.now();
	t.false(segments?.matches(Array.from({length: 127}, () => 'a').join('/')));
	t.false(characters?.matches('a'.repeat(255)));
	t.true(performance.now() - started < 5_000);
});
