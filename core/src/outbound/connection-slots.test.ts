import test from 'ava';
import {ConnectionSlots} from './connection-slots.ts';

test('places are taken up to the limit, and then in the order of asking as they are given back', async t => {
	const slots = new ConnectionSlots(2);
	const [first, second] = [await slots.take('a'), await slots.take('a')];
	const got: number[] = [];
	const waiting = [3, 4].map(async number => {
		const giveBack = await slots.take('a');
		got.push(number);
		return giveBack;
	});
	(await slots.take('b'))();
	t.deepEqual(got, []);
	first();
	first();
	const third = await waiting[0];
	t.deepEqual(got, [3]);
	second();
	third?.();
	(await waiting[1])?.();
	t.deepEqual(got, [3, 4]);
});

test('who leaves takes no place, and is told at once', async t => {
	const slots = new ConnectionSlots(1);
	const giveBack = await slots.take('a');
	const controller = new AbortController();
	const left = slots.take('a', controller.signal);
	const stays = slots.take('a');
	const reason = new Error('the client left');
	controller.abort(reason);
	t.is(await t.throwsAsync(left), reason);
	t.is(await t.throwsAsync(slots.take('b', controller.signal)), reason);
	giveBack();
	(await stays)();
	t.pass();
});
