import {Readable} from 'node:stream';
import {setTimeout as sleep} from 'node:timers/promises';
import test from 'ava';
import {takePieces} from './take-pieces.ts';

const pieces = ['a', 'b', 'c', 'd'].map(text => Buffer.from(text));

test('each piece waits for the promise of the one before', async t => {
	const taken: string[] = [];
	let busy = false;
	await takePieces(Readable.from(pieces), async piece => {
		t.false(busy);
		busy = true;
		await sleep(2);
		taken.push(piece.toString());
		busy = false;
	});
	t.deepEqual(taken, ['a', 'b', 'c', 'd']);
});

test('the last piece is waited for', async t => {
	const body = Readable.from(pieces.slice(0, 1));
	await t.throwsAsync(
		takePieces(body, async () => {
			await sleep(10);
			throw new Error('not taken');
		}),
		{message: 'not taken'},
	);
});

test('nothing is taken any more once there was enough, and the rest is left to the opener', async t => {
	const body = new Readable({read: () => undefined});
	const taken: string[] = [];
	const take = (piece: Buffer) => {
		taken.push(piece.toString());
		return undefined;
	};
	const done = takePieces(body, take, () => taken.length === 2);
	for (const piece of pieces) {
		body.push(piece);
	}
	await done;
	t.deepEqual(taken, ['a', 'b']);
	t.false(body.destroyed);
	body.push(null);
	t.is(Buffer.concat((await body.toArray()) as Buffer[]).toString(), 'cd');
});

test('what taking throws ends it at once', async t => {
	const body = new Readable({read: () => undefined});
	let taken = 0;
	const done = takePieces(body, () => {
		taken++;
		throw new Error('no');
	});
	body.push(pieces[0]);
	body.push(pieces[1]);
	await t.throwsAsync(done, {message: 'no'});
	t.is(taken, 1);
});

test('a body that breaks, before or meanwhile, is told', async t => {
	const broken = new Readable({read: () => undefined});
	const done = takePieces(broken, () => undefined);
	broken.push('a');
	setImmediate(() => broken.destroy(new Error('broken')));
	await t.throwsAsync(done, {message: 'broken'});
	await t.throwsAsync(
		takePieces(broken, () => undefined),
		{message: 'broken'},
	);
});

test('a body that breaks while a piece is being taken is told when that is done', async t => {
	const body = new Readable({read: () => undefined});
	let taking = false;
	const done = takePieces(body, async () => {
		taking = true;
		await sleep(50);
		taking = false;
	});
	body.push('a');
	setTimeout(() => body.destroy(new Error('broken')), 10);
	await t.throwsAsync(done, {message: 'broken'});
	t.false(taking);
});

test('a body that was paused is read', async t => {
	const taken: string[] = [];
	await takePieces(Readable.from(pieces).pause(), async piece => {
		taken.push(piece.toString());
	});
	t.deepEqual(taken, ['a', 'b', 'c', 'd']);
});
