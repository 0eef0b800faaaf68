import test from 'ava';
import {TapCounter} from './tap-counter.ts';

function count(...lines: string[]): {passed: number; failed: number} {
	const counter = new TapCounter();
	lines.forEach(line => counter.add(line));
	return {passed: counter.passed, failed: counter.failed};
}

test('results are counted and everything else is not', t => {
	const counted = count(
		'TAP version 13',
		'ok 1 - a',
		'# ok 2 - a comment',
		'    ok 7',
		'not ok 2 - b',
		'  ---',
		'1..2',
	);
	t.deepEqual(counted, {passed: 1, failed: 1});
});

test('a test that is skipped or still to be written counts as failed', t => {
	t.deepEqual(count('ok 1 - a # SKIP', 'not ok 2 - b # TODO', 'ok 3 - c # todo'), {passed: 0, failed: 3});
});

test('a title may hold the words of a directive', t => {
	t.deepEqual(count('ok 1 - an upload can skip what is there'), {passed: 1, failed: 0});
});
