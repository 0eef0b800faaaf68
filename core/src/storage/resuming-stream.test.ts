import {once} from 'node:events';
import {Readable} from 'node:stream';
import {buffer} from 'node:stream/consumers';
import {setTimeout as pause} from 'node:timers/promises';
import test from 'ava';
import {BrokenTransferError, ResumingStream} from './resuming-stream.ts';

const bytes = Buffer.from('0123456789'.repeat(100));

class Cut extends Error {
	readonly code = 'ECONNRESET';
}

/** Gives bytes `from` to `to` in pieces, then fails with `error`, or ends. */
function part(from: number, to: number, error?: Error): Readable {
	return Readable.from(pieces(from, to, error), {objectMode: false});
}

function* pieces(from: number, to: number, error?: Error): Iterable<Buffer> {
	for (let at = from; at < to; at += 7) {
		yield bytes.subarray(at, Math.min(to, at + 7));
	}
	if (error !== undefined) {
		throw error;
	}
}

const settings = {size: bytes.length, mayResume: (error: unknown) => error instanceof Cut, delay: 1};

test('a stream that nothing happens to gives its bytes', async t => {
	const stream = new ResumingStream(part(0, 1000), {...settings, reopen: () => Promise.reject(new Error('asked'))});
	t.deepEqual(await buffer(stream), bytes);
});

test('a stream that breaks or ends early goes on where it stood', async t => {
	const offsets: number[] = [];
	const reopen = (offset: number) => {
		offsets.push(offset);
		return Promise.resolve(
			part(offset, offset === 100 ? 400 : 1000, offset === 400 ? new Cut('after the last byte') : undefined),
		);
	};
	const stream = new ResumingStream(part(0, 100, new Cut()), {...settings, reopen});
	t.deepEqual(await buffer(stream), bytes);
	t.deepEqual(offsets, [100, 400]);
});

test('an opening that fails is tried again a few times, and no more', async t => {
	let tries = 0;
	const reopen = () => {
		tries += 1;
		return Promise.reject(new Cut('refused'));
	};
	const stream = new ResumingStream(part(0, 100, new Cut()), {...settings, reopen, attempts: 3});
	await t.throwsAsync(buffer(stream), {instanceOf: Cut, message: 'refused'});
	t.is(tries, 3);
});

test('an error that cannot be mended is told at once', async t => {
	const reopen = () => Promise.resolve(part(100, 1000));
	const stream = new ResumingStream(part(0, 100, new Error('denied')), {...settings, reopen});
	await t.throwsAsync(buffer(stream), {message: 'denied'});
});

test('a source that is silent while a reader waits is left for another', async t => {
	const silent = new Readable({read() {}});
	silent.push(bytes.subarray(0, 30));
	const stream = new ResumingStream(silent, {...settings, reopen: async offset => part(offset, 1000), patience: 50});
	t.deepEqual(await buffer(stream), bytes);
	t.true(silent.destroyed);
	t.true(silent.errored instanceof BrokenTransferError);
});

test('a reader that is slow is not taken for a silent source', async t => {
	// More than the stream keeps for its reader.
	const large = Array.from({length: 4}, () => Buffer.alloc(65_536, bytes));
	const stream = new ResumingStream(Readable.from(large, {objectMode: false}), {
		...settings,
		size: 4 * 65_536,
		reopen: () => Promise.reject(new Error('asked')),
		patience: 20,
	});
	const iterator = stream.iterator();
	const {value} = (await iterator.next()) as {readonly value: Buffer};
	await pause(80);
	const rest = [value];
	for await (const chunk of stream) {
		rest.push(chunk as Buffer);
	}
	t.is(value.length, 65_536);
	t.deepEqual(Buffer.concat(rest), Buffer.concat(large));
});

test('destroying the stream destroys its source, also one that is being opened', async t => {
	const first = part(0, 1000);
	const stream = new ResumingStream(first, {...settings, reopen: () => Promise.reject(new Error('asked'))});
	stream.destroy();
	t.true(first.destroyed);

	const late = part(100, 1000);
	const opening = Promise.withResolvers<Readable>();
	const asked = Promise.withResolvers<void>();
	const reopen = () => {
		asked.resolve();
		return opening.promise;
	};
	const other = new ResumingStream(part(0, 100, new Cut()), {...settings, reopen});
	other.on('data', () => undefined);
	await asked.promise;
	other.destroy();
	const closed = once(late, 'close');
	opening.resolve(late);
	await closed;
	t.true(late.destroyed);
});
