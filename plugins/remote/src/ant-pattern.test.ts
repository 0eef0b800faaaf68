import test from 'ava';
import {matchesAnt} from './ant-pattern.ts';

const table: readonly (readonly [pattern: string, text: string, matches: boolean])[] = [
	['**', 'https://a.example/b/c', true],
	['https://a.example/**', 'https://a.example/b/c', true],
	['https://a.example/**', 'https://a.example.evil/b/c', false],
	['https://*.example/**', 'https://a.example/b', true],
	['https://*.example/**', 'https://a/b.example/c', false],
	['**/windows/**', 'https://a.example/x/windows/y', true],
	['**/windows/**', 'https://a.example/xwindows/y', false],
	['https://a.example/?.tar', 'https://a.example/b.tar', true],
	['https://a.example/?.tar', 'https://a.example/bb.tar', false],
	['https://a.example/*', 'https://a.example/b/c', false],
	['a/**/b/**/c', 'a/x/b/y/z/c', true],
	['a/**/b/**/c', 'a/c/b', false],
	['a/**', 'a', true],
	['*', '', true],
	['', 'a', false],
	['a+b.c', 'a+b.c', true],
	['a.b', 'axb', false],
];

for (const [pattern, text, matches] of table) {
	test(`${JSON.stringify(pattern)} ${matches ? 'matches' : 'does not match'} ${JSON.stringify(text)}`, t => {
		t.is(matchesAnt(pattern, text), matches);
	});
}

test('no pattern takes long', t => {
	const started = performance.now();
	t.false(matchesAnt('*a'.repeat(400), 'a'.repeat(5_000) + 'b'));
	t.false(matchesAnt('**/a/'.repeat(200) + 'b', 'a/'.repeat(2_000)));
	t.true(performance.now() - started < 10_000);
});
