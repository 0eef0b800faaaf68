import {Readable} from 'node:stream';
import test from 'ava';
import {DigestBuilder} from '../oci/digest.ts';
import type {UploadBody} from '../storage/driver.ts';
import {ReceivedBody} from './received-body.ts';

const ready = () => undefined;

async function passed(body: ReceivedBody): Promise<Buffer[]> {
	return (await body.stream.toArray()) as Buffer[];
}

test('a piece of a body that was given away is freed when the driver lets go of it', async t => {
	const source = new Readable({read: () => undefined});
	const body = new ReceivedBody(source, {ready, givenAway: true});
	source.push(Buffer.alloc(100_000, 1));
	source.push(null);
	const [piece] = await passed(body);
	body.stream.release?.(piece!);
	t.is(piece!.buffer.byteLength, 0);
	t.is(body.bytes, 100_000);
	body.close();
});

test('a piece that shares its memory with other bytes is left as it is', async t => {
	const source = new Readable({read: () => undefined});
	const body = new ReceivedBody(source, {ready, givenAway: true});
	const whole = Buffer.alloc(100_000, 1);
	source.push(whole.subarray(10, 20));
	source.push(null);
	const [piece] = await passed(body);
	body.stream.release?.(piece!);
	t.deepEqual(piece, Buffer.alloc(10, 1));
	t.is(whole.buffer.byteLength, 100_000);
	body.close();
});

test('a body that its sender still looks at has nothing to release', t => {
	const body = new ReceivedBody(Readable.from([Buffer.from('bytes')]), {ready});
	t.false('release' in body.stream);
	body.close();
});

test('a body whose bytes nobody has to see writes itself where the driver wants them', async t => {
	const source: UploadBody = new Readable({read: () => undefined});
	source.writeInto = async () => 1234;
	const body = new ReceivedBody(source, {ready});
	t.is(await body.stream.writeInto?.(() => Promise.reject(new Error('opened'))), 1234);
	t.is(body.bytes, 1234);
	body.close();
});

test('bytes that are to be hashed or counted pass', t => {
	const source: UploadBody = new Readable({read: () => undefined});
	source.writeInto = async () => 1234;
	for (const options of [{hash: new DigestBuilder('sha256')}, {size: 1234}]) {
		const body = new ReceivedBody(source, {ready, ...options});
		t.false('writeInto' in body.stream);
		body.close();
	}
});

for (const fault of ['body', 'claim'] as const) {
	test(`a ${fault} that is lost while the body writes itself breaks the stream`, async t => {
		const source: UploadBody = new Readable({read: () => undefined});
		const lost = new Error('lost');
		source.writeInto = () => (fault === 'body' ? Promise.reject(lost) : Promise.resolve(10));
		const body = new ReceivedBody(source, {ready: () => (fault === 'claim' ? Promise.reject(lost) : undefined)});
		const error = await t.throwsAsync(body.stream.writeInto!(() => Promise.reject(new Error('opened'))));
		t.is(error, lost);
		t.is(body.stream.errored, lost);
		t.is(body.bytes, 0);
		body.close();
	});
}

test('a sender that breaks off after all is over is nobody’s trouble', async t => {
	const source = new Readable({read: () => undefined});
	const body = new ReceivedBody(source, {ready});
	body.close();
	const closed = new Promise(resolve => source.once('close', resolve));
	source.destroy(new Error('left'));
	await closed;
	t.is(body.broken, undefined);
});

for (const error of [undefined, new Error('left')]) {
	test(`a last piece that waits is passed when the body ${error ? 'breaks' : 'ends'} meanwhile`, async t => {
		const source = new Readable({read: () => undefined});
		source.push('last');
		source.push(error === undefined ? null : '');
		const turn = Promise.withResolvers<void>();
		const over = new Promise(resolve => source.once('close', resolve));
		source.once('data', () => error && source.destroy(error));
		const body = new ReceivedBody(source, {ready: () => turn.promise});
		const passing = passed(body);
		await over;
		turn.resolve();
		t.is(Buffer.concat(await passing).toString(), 'last');
		t.is(body.bytes, 4);
		t.is(body.broken?.reason, error);
		body.close();
	});
}
