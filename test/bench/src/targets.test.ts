import test from 'ava';
import type {Quantity} from './benchmark.ts';
import type {Result} from './summary.ts';
import {judge} from './targets.ts';

function result(benchmark: string, contender: string, quantity: Quantity, median: number): Result {
	return {
		benchmark,
		contender,
		title: benchmark,
		summaries: {[quantity]: {median, min: median, max: median, rounds: []}},
	};
}

test('less is better for times, and more for throughput', t => {
	const verdicts = judge([
		result('manifest-get', 'docker-registry', 'cpuMicroseconds', 1000),
		result('manifest-get', 'stowage-sqlite', 'cpuMicroseconds', 50),
		result('receive', 'docker-registry', 'megabytesPerSecond', 200),
		result('receive', 'stowage-sqlite', 'megabytesPerSecond', 400),
	]);
	t.deepEqual(verdicts, [
		{benchmark: 'manifest-get', target: '15 times less CPU', reached: 20, met: true},
		{benchmark: 'receive', target: '2.2 times faster', reached: 2, met: false},
	]);
});

test('a limit needs no peer, and a comparison is not made without one', t => {
	const verdicts = judge([
		result('parallel', 'stowage-sqlite', 'peakMebibytes', 201),
		result('tags', 'stowage-sqlite', 'milliseconds', 1),
	]);
	t.deepEqual(verdicts, [{benchmark: 'parallel', target: 'at most 200 MiB resident', reached: 201, met: false}]);
});
