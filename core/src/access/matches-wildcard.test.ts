import test from 'ava';
import {assert, property, stringMatching} from 'fast-check';
import {matchesWildcard} from './matches-wildcard.ts';

for (const [pattern, text, fits] of [
	['', '', true],
	['', 'a', false],
	['*', '', true],
	['*', 'a/b', true],
	['a*c', 'abbc', true],
	['a*c', 'abcd', false],
	['*b*b', 'abab', true],
	['a?c', 'abc', true],
	['a?c', 'ac', false],
	['?', '*', true],
	['a.c', 'abc', false],
	['a*c?', 'a/b/cc', true],
] as const) {
	test(`"${pattern}" ${fits ? 'fits' : 'does not fit'} "${text}"`, t => {
		t.is(matchesWildcard(pattern, text), fits);
	});
}

test('a question mark is itself where it is said to be', t => {
	t.true(matchesWildcard('a?*', 'a?b', {questionMark: false}));
	t.false(matchesWildcard('a?*', 'abb', {questionMark: false}));
});

test('patterns fit what a regular expression of the same meaning fits', t => {
	const patterns = stringMatching(/^[ab*?]{0,8}$/);
	const texts = stringMatching(/^[ab]{0,8}$/);
	const same = property(patterns, texts, (pattern, text) => {
		const expression = new RegExp(`^${pattern.replaceAll('*', '.*').replaceAll('?', '.')}$`);
		return matchesWildcard(pattern, text) === expression.test(text);
	});
	t.notThrows(() => assert(same));
});
