import test from 'ava';
import {CallLimiter} from './call-limiter.ts';

test('no more calls run at a time than the limit, in the order in which they came', async t => {
	const limiter = new CallLimiter(3);
	const order: number[] = [];
	let running = 0;
	const call = (index: number) =>
		limiter.run(async () => {
			running += 1;
			t.true(running <= 3);
			order.push(index);
			await new Promise(resolve => setTimeout(resolve, 1));
			running -= 1;
			return index;
		});
	const indexes = Array.from({length: 20}, (_, index) => index);
	t.deepEqual(await Promise.all(indexes.map(call)), indexes);
	t.deepEqual(order, indexes);
});

test('a call that fails gives its place up', async t => {
	const limiter = new CallLimiter(1);
	await t.throwsAsync(
		limiter.run(() => Promise.reject(new Error('failed'))),
		{message: 'failed'},
	);
	t.is(await limiter.run(async () => 'next'), 'next');
});

test('who waits and aborts leaves at once and takes no place', async t => {
	const limiter = new CallLimiter(1);
	const {promise, resolve} = Promise.withResolvers<void>();
	const first = limiter.run(() => promise);
	const leave = new AbortController();
	const waiting = limiter.run(async () => t.fail('it had left'), {signal: leave.signal});
	const last = limiter.run(async () => 'last');
	leave.abort(new Error('left'));
	await t.throwsAsync(waiting, {message: 'left'});
	resolve();
	await first;
	t.is(await last, 'last');
});

test('an aborted signal keeps a call from starting', async t => {
	const limiter = new CallLimiter(1);
	const signal = AbortSignal.abort(new Error('left before'));
	await t.throwsAsync(
		limiter.run(async () => t.fail('it had left'), {signal}),
		{message: 'left before'},
	);
	t.is(await limiter.run(async () => 'free'), 'free');
});

for (const limit of [0, -1, 1.5, NaN, Infinity]) {
	test(`a limit of ${limit} is refused`, t => {
		t.throws(() => new CallLimiter(limit), {instanceOf: RangeError});
	});
}
