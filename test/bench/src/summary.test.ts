import test from 'ava';
import {summarise} from './summary.ts';

test('an odd number of rounds has its middle one as median', t => {
	const summaries = summarise([{milliseconds: 9}, {milliseconds: 1}, {milliseconds: 2}]);
	t.deepEqual(summaries, {milliseconds: {median: 2, min: 1, max: 9, rounds: [9, 1, 2]}});
});

test('an even number of rounds has the mean of its two middle ones as median', t => {
	const summaries = summarise([{cpuSeconds: 4}, {cpuSeconds: 1}, {cpuSeconds: 2}, {cpuSeconds: 3}]);
	t.is(summaries.cpuSeconds?.median, 2.5);
});
