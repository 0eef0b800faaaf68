import {answered, refused} from './assertions.ts';
import {content, randomContent} from './content.ts';
import {specification} from './specification.ts';

const specify = specification();

specify('end-2: a blob is answered byte for byte, with what it is', async (t, {image}) => {
	const blob = await image.pushBlob(randomContent(4097));
	const answer = await image.request('GET', `/blobs/${blob.digest}`);
	answered(t, answer, 200);
	t.deepEqual(answer.body, blob.bytes);
	t.is(answer.header('docker-content-digest'), blob.digest);
	t.is(answer.header('content-length'), '4097');
	t.is(answer.header('content-type'), 'application/octet-stream');
	t.is(answer.header('accept-ranges'), 'bytes');
});

specify('end-2: HEAD of a blob has the headers of GET and no body', async (t, {image}) => {
	const blob = await image.pushBlob(randomContent(300));
	const answer = await image.request('HEAD', `/blobs/${blob.digest}`);
	answered(t, answer, 200);
	t.is(answer.body.length, 0);
	t.is(answer.header('content-length'), '300');
	t.is(answer.header('docker-content-digest'), blob.digest);
	t.is(answer.header('content-type'), 'application/octet-stream');
});

for (const algorithm of ['sha256', 'sha512'] as const) {
	for (const [name, bytes] of [
		['empty blob', ''],
		['empty JSON object', '{}'],
	] as const) {
		specify(`end-2: the ${name} can be stored and read under its ${algorithm} digest`, async (t, {image}) => {
			const blob = await image.pushBlob(content(bytes, undefined, algorithm));
			const [head, get] = await Promise.all([
				image.request('HEAD', `/blobs/${blob.digest}`),
				image.request('GET', `/blobs/${blob.digest}`),
			]);
			for (const answer of [head, get]) {
				answered(t, answer, 200);
				t.is(answer.header('content-length'), String(bytes.length));
				t.is(answer.header('docker-content-digest'), blob.digest);
			}
			t.is(get.body.toString(), bytes);
		});
	}
}

specify('end-2: a blob of several mebibytes comes whole', async (t, {image}) => {
	const blob = await image.pushBlob(randomContent(5 * 1024 * 1024 + 3));
	const answer = await image.request('GET', `/blobs/${blob.digest}`);
	answered(t, answer, 200);
	t.true(answer.body.equals(blob.bytes));
});

specify('end-2: a blob that was never pushed is unknown, to GET and to HEAD', async (t, {image}) => {
	await image.pushImage('latest');
	const {digest} = randomContent();
	refused(t, await image.request('GET', `/blobs/${digest}`), 404, 'BLOB_UNKNOWN');
	const head = await image.request('HEAD', `/blobs/${digest}`);
	answered(t, head, 404);
	t.is(head.body.length, 0);
});

specify('end-2: a blob of an image that does not exist is unknown', async (t, {image}) => {
	const answer = await image.request('GET', `/blobs/${randomContent().digest}`);
	refused(t, answer, 404, 'BLOB_UNKNOWN', 'NAME_UNKNOWN');
});

specify('end-2: a manifest is not a blob of its image', async (t, {image}) => {
	const {manifest} = await image.pushImage('latest');
	refused(t, await image.request('GET', `/blobs/${manifest.digest}`), 404, 'BLOB_UNKNOWN');
});

specify('end-2: who has the blob already is told so instead of sent it', async (t, {image}) => {
	const blob = await image.pushBlob(randomContent());
	const first = await image.request('GET', `/blobs/${blob.digest}`);
	const etag = first.need('etag');
	t.regex(etag, /^"[^"]+"$/);
	for (const tag of [etag, `W/${etag}`, `"other", ${etag}`, '*']) {
		const answer = await image.request('GET', `/blobs/${blob.digest}`, {headers: {'if-none-match': tag}});
		answered(t, answer, 304);
		t.is(answer.body.length, 0);
		t.is(answer.header('etag'), etag);
	}
	answered(t, await image.request('HEAD', `/blobs/${blob.digest}`, {headers: {'if-none-match': etag}}), 304);
	const other = await image.request('GET', `/blobs/${blob.digest}`, {headers: {'if-none-match': '"other"'}});
	answered(t, other, 200);
	t.deepEqual(other.body, blob.bytes);
});

specify('end-2: a blob is never kept by a cache that several people share', async (t, {image}) => {
	const blob = await image.pushBlob(randomContent());
	const answer = await image.request('GET', `/blobs/${blob.digest}`);
	t.regex(answer.need('cache-control'), /\bprivate\b|\bno-store\b/);
});
