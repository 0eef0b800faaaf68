import {setTimeout} from 'node:timers/promises';
import type {ExecutionContext} from 'ava';
import {answered, progressed, refused} from './assertions.ts';
import {randomContent} from './content.ts';
import {type ImageClient, octets} from './image-client.ts';
import {specification} from './specification.ts';

const specify = specification();

async function* pieces(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
	for (let at = 0; at < bytes.length; at += size) {
		yield bytes.subarray(at, at + size);
	}
}

specify('end-5: a stream of unknown length is taken to its end', async (t, {image}) => {
	const blob = randomContent(1_000_003);
	const upload = await image.startUpload();
	const body = pieces(blob.bytes, 70_001);
	const answer = await image.client.request('PATCH', upload, {headers: octets, body});
	progressed(t, answer, 202, blob.bytes.length);
	answered(t, await image.finish(image.client.resolve(answer.need('location'), upload), blob.digest), 201);
	t.true((await image.request('GET', `/blobs/${blob.digest}`)).body.equals(blob.bytes));
});

specify('end-5: a chunk with neither length nor range nor type is taken', async (t, {image}) => {
	const blob = randomContent(10);
	const upload = await image.startUpload();
	progressed(t, await image.client.request('PATCH', upload, {body: pieces(blob.bytes, 3)}), 202, 10);
});

specify('end-5: chunks that say where they belong are put together', async (t, {image}) => {
	const blob = randomContent(3000);
	let upload = await image.startUpload();
	for (const first of [0, 1000, 2000]) {
		const headers = {...octets, 'content-range': `${first}-${first + 999}`};
		const body = blob.bytes.subarray(first, first + 1000);
		const answer = await image.client.request('PATCH', upload, {headers, body});
		progressed(t, answer, 202, first + 1000);
		t.is(answer.header('content-length'), '0');
		upload = image.client.resolve(answer.need('location'), upload);
	}
	answered(t, await image.finish(upload, blob.digest), 201);
	t.deepEqual((await image.request('GET', `/blobs/${blob.digest}`)).body, blob.bytes);
});

specify('end-5: chunks that do not say it are put one after the other', async (t, {image}) => {
	const blob = randomContent(3000);
	let upload = await image.startUpload();
	for (const first of [0, 1000, 2000]) {
		upload = await image.append(upload, blob.bytes.subarray(first, first + 1000));
	}
	answered(t, await image.finish(upload, blob.digest), 201);
});

/** With a length told beforehand, and without one. */
const bodies = [
	['', (bytes: Buffer) => bytes],
	[' of unknown length', (bytes: Buffer) => pieces(bytes, 70)],
] as const;

for (const [what, range, size] of [
	['leaves a gap', '1100-1199', 100],
	['overlaps', '900-999', 100],
	['begins anew', '0-99', 100],
	['is longer than its range', '1000-1009', 100],
	['is shorter than its range', '1000-1999', 100],
	['has a range from its end to its start', '1099-1000', 100],
	['has a range that is none', 'bytes one to two', 100],
	['has a range without end', '1000-', 100],
	['has half a range', '1000', 100],
	['has a negative range', '-1000-1099', 100],
	['has a range beyond all numbers', '9007199254740993-9007199254741092', 100],
] as const) {
	for (const [kind, bodyOf] of bodies) {
		specify(`end-5: a chunk${kind} that ${what} is refused, and the upload goes on`, async (t, {image}) => {
			const blob = randomContent(1100);
			const upload = await image.append(await image.startUpload(), blob.bytes.subarray(0, 1000));
			const headers = {...octets, 'content-range': range};
			const answer = await image.client.request('PATCH', upload, {headers, body: bodyOf(blob.bytes.subarray(0, size))});
			refused(t, answer, [400, 416], 'RANGE_INVALID', 'SIZE_INVALID');
			if (answer.status === 416) {
				t.is(answer.header('range'), '0-999');
				t.is(image.client.resolve(answer.need('location'), upload), upload);
			}
			progressed(t, await image.client.request('GET', upload), 204, 1000);
			answered(t, await image.finish(upload, blob.digest, blob.bytes.subarray(1000)), 201);
			t.deepEqual((await image.request('GET', `/blobs/${blob.digest}`)).body, blob.bytes);
		});
	}
}

specify('end-5: a chunk of unknown length that says where it belongs is taken', async (t, {image}) => {
	const blob = randomContent(1100);
	const upload = await image.append(await image.startUpload(), blob.bytes.subarray(0, 1000));
	const headers = {...octets, 'content-range': '1000-1099'};
	const body = pieces(blob.bytes.subarray(1000), 70);
	progressed(t, await image.client.request('PATCH', upload, {headers, body}), 202, 1100);
	answered(t, await image.finish(upload, blob.digest), 201);
});

specify('end-5: chunks out of order are answered 416, also before any came', async (t, {image}) => {
	const upload = await image.startUpload();
	const headers = {...octets, 'content-range': '100-199'};
	const answer = await image.client.request('PATCH', upload, {headers, body: Buffer.alloc(100)});
	refused(t, answer, 416, 'RANGE_INVALID', 'BLOB_UPLOAD_INVALID');
	progressed(t, await image.client.request('GET', upload), 204, 0);
});

specify('end-5: a range in the words of RFC 9110 is understood too', async (t, {image}) => {
	const blob = randomContent(100);
	const upload = await image.startUpload();
	const headers = {...octets, 'content-range': 'bytes 0-99/*'};
	progressed(t, await image.client.request('PATCH', upload, {headers, body: blob.bytes}), 202, 100);
});

specify('end-5: an empty chunk changes nothing', async (t, {image}) => {
	const blob = randomContent(100);
	let upload = await image.append(await image.startUpload(), Buffer.alloc(0));
	upload = await image.append(upload, blob.bytes);
	upload = await image.append(upload, Buffer.alloc(0));
	progressed(t, await image.client.request('GET', upload), 204, 100);
	answered(t, await image.finish(upload, blob.digest), 201);
});

specify('end-5: an upload whose client vanished goes on where the registry says', async (t, {image}) => {
	const blob = randomContent(300_000);
	const upload = await image.startUpload();
	async function* broken() {
		yield blob.bytes.subarray(0, 100_000);
		await setTimeout(50);
		throw new Error('the client is gone');
	}
	await t.throwsAsync(image.client.request('PATCH', upload, {headers: octets, body: broken()}));
	const {next, answer} = await resume(t, image, {upload, bytes: blob.bytes});
	progressed(t, answer, 202, blob.bytes.length);
	const end = image.client.resolve(answer.need('location'), next);
	let finished = await image.finish(end, blob.digest);
	// The request that broke off may only now be found to be gone.
	for (let attempt = 0; finished.status === 503 && attempt < 40; attempt++) {
		await setTimeout(50);
		finished = await image.finish(end, blob.digest);
	}
	answered(t, finished, 201);
	t.true((await image.request('GET', `/blobs/${blob.digest}`)).body.equals(blob.bytes));
});

/**
 * Asks how far the upload is and sends the rest, as clients do; again while the registry has not seen yet that the one
 * before is gone.
 */
async function resume(t: ExecutionContext, image: ImageClient, {upload, bytes}: {upload: string; bytes: Buffer}) {
	for (let attempt = 0; ; attempt++) {
		const status = await image.client.request('GET', upload);
		answered(t, status, 204);
		const received = status.header('range') === '0-0' ? 0 : Number(status.need('range').slice(2)) + 1;
		const next = image.client.resolve(status.need('location'), upload);
		const headers = {...octets, 'content-range': `${received}-${bytes.length - 1}`};
		const answer = await image.client.request('PATCH', next, {headers, body: bytes.subarray(received)});
		if (answer.status === 202 || attempt === 40) {
			return {next, answer};
		}
		await setTimeout(50);
	}
}

specify('end-5: of two chunks sent at once to one place, one is taken and none is mixed in', async (t, {image}) => {
	const chunks = [randomContent(200_000), randomContent(200_000)];
	const upload = await image.startUpload();
	const headers = {...octets, 'content-range': '0-199999'};
	const answers = await Promise.all(
		chunks.map(chunk => image.client.request('PATCH', upload, {headers, body: pieces(chunk.bytes, 9999)})),
	);
	const taken = chunks.filter((_, index) => answers[index]?.status === 202);
	t.is(taken.length, 1, answers.map(answer => answer.status).join());
	for (const answer of answers.filter(({status}) => status !== 202)) {
		refused(t, answer, [416, 503], 'RANGE_INVALID', 'UNAVAILABLE');
		t.is(answer.status === 503, answer.header('retry-after') !== undefined);
	}
	answered(t, await image.finish(upload, taken[0]?.digest ?? ''), 201);
});

specify('end-5: an upload that nobody began is unknown', async (t, {image}) => {
	const other = (await image.startUpload()).replace(/[0-9a-f]{12}/, '000000000000');
	for (const path of [other, `${image.base}/blobs/uploads/none`, `${image.base}/blobs/uploads/..`]) {
		const answer = await image.client.request('PATCH', path, {headers: octets, body: 'bytes'});
		refused(t, answer, 404, 'BLOB_UPLOAD_UNKNOWN');
	}
});
