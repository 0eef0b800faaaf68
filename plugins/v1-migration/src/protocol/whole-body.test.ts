import {Readable} from 'node:stream';
import {buffer} from 'node:stream/consumers';
import test from 'ava';
import {wholeBody} from './whole-body.ts';

test('a body of the right size passes, and its source is let go when nobody reads on', async t => {
	t.deepEqual(await buffer(wholeBody(Readable.from([Buffer.from('ab'), Buffer.from('c')]), 3)), Buffer.from('abc'));
	const source = Readable.from([Buffer.from('ab'), Buffer.from('c')]);
	for await (const piece of wholeBody(source, 3)) {
		t.deepEqual(piece, Buffer.from('ab'));
		break;
	}
	t.true(source.destroyed);
});

test('a body that ends too soon, or is too long, ends with an error', async t => {
	for (const size of [2, 4]) {
		await t.throwsAsync(buffer(wholeBody(Readable.from([Buffer.from('abc')]), size)), {message: /after 3 of/});
	}
});
