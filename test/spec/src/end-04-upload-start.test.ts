import {answered, progressed, refused} from './assertions.ts';
import {randomContent} from './content.ts';
import {octets} from './image-client.ts';
import {specification} from './specification.ts';

const specify = specification();

specify('end-4a: an upload starts with where to send bytes, and none received', async (t, {image}) => {
	const answer = await image.request('POST', '/blobs/uploads/');
	progressed(t, answer, 202, 0);
	t.is(answer.header('content-length'), '0');
	const upload = image.resolve(answer);
	t.true(upload.startsWith(`${image.base}/blobs/uploads/`), upload);
	t.true(upload.includes(answer.need('docker-upload-uuid')), upload);
});

specify('end-4a: two uploads of one image have nothing in common', async (t, {image}) => {
	const [first, second] = [await image.startUpload(), await image.startUpload()];
	t.not(first, second);
	const blobs = [randomContent(), randomContent()] as const;
	const next = await Promise.all([image.append(first, blobs[0].bytes), image.append(second, blobs[1].bytes)]);
	answered(t, await image.finish(next[0], blobs[0].digest), 201);
	answered(t, await image.finish(next[1], blobs[1].digest), 201);
});

specify('end-4a: an image whose uploads have not ended does not exist', async (t, {image}) => {
	await image.startUpload();
	refused(t, await image.request('GET', '/tags/list'), 404, 'NAME_UNKNOWN');
});

specify('end-4a: nothing is uploaded to a repository that is not there', async (t, {client}) => {
	refused(t, await client.request('POST', '/v2/no-such-repository/app/blobs/uploads/'), 404, 'NAME_UNKNOWN');
});

for (const name of ['UPPER', '-dash', 'a..b', 'a___b', 'under_', 'sp%20ace', 'a/-b', '%C3%A9', 'a'.repeat(300)]) {
	specify(`end-4a: ${name.slice(0, 20)} is no name for an image`, async (t, {client}) => {
		const answer = await client.request('POST', `/v2/docker-local/${name}/blobs/uploads/`);
		refused(t, answer, [400, 404], 'NAME_INVALID', 'NAME_UNKNOWN');
	});
}

for (const name of [
	'a',
	'a/b/c/d/e/f',
	'a.b_c__d---e',
	'0',
	`${'a'.repeat(127)}/${'b'.repeat(100)}`,
	'v2',
	'tags/list',
]) {
	specify(`end-4a: ${name.slice(0, 20)} is a name for an image`, async (t, {client}) => {
		const image = client.image(name);
		const blob = await image.pushBlob(randomContent());
		answered(t, await image.request('HEAD', `/blobs/${blob.digest}`), 200);
	});
}

for (const algorithm of ['sha256', 'sha512'] as const) {
	specify(`end-4b: a blob comes with the first request, under its ${algorithm} digest`, async (t, {image}) => {
		const blob = randomContent(700, algorithm);
		const answer = await image.request('POST', `/blobs/uploads/?digest=${blob.digest}`, {
			headers: octets,
			body: blob.bytes,
		});
		answered(t, answer, 201);
		t.is(answer.header('docker-content-digest'), blob.digest);
		t.is(image.resolve(answer), `${image.base}/blobs/${blob.digest}`);
		t.deepEqual((await image.client.request('GET', image.resolve(answer))).body, blob.bytes);
	});
}

specify('end-4b: the empty blob comes with the first request', async (t, {image}) => {
	const blob = randomContent(0);
	const headers = {...octets, 'content-length': '0'};
	answered(t, await image.request('POST', `/blobs/uploads/?digest=${blob.digest}`, {headers, body: ''}), 201);
	answered(t, await image.request('HEAD', `/blobs/${blob.digest}`), 200);
});

specify('end-4b: a first request without Content-Length carries the whole blob too', async (t, {image}) => {
	const blob = randomContent(70_000);
	async function* body() {
		yield blob.bytes.subarray(0, 10);
		yield blob.bytes.subarray(10);
	}
	const answer = await image.request('POST', `/blobs/uploads/?digest=${blob.digest}`, {headers: octets, body: body()});
	answered(t, answer, 201);
	t.true((await image.request('GET', `/blobs/${blob.digest}`)).body.equals(blob.bytes));
});

specify('end-4b: the same blob may be sent again', async (t, {image}) => {
	const blob = await image.pushBlob(randomContent());
	const path = `/blobs/uploads/?digest=${blob.digest}`;
	answered(t, await image.request('POST', path, {headers: octets, body: blob.bytes}), 201);
});

for (const algorithm of ['sha256', 'sha512'] as const) {
	specify(`end-4b: other bytes than the ${algorithm} digest says are refused, and not kept`, async (t, {image}) => {
		const blob = randomContent(512, algorithm);
		const path = `/blobs/uploads/?digest=${blob.digest}`;
		refused(t, await image.request('POST', path, {headers: octets, body: 'other bytes'}), 400, 'DIGEST_INVALID');
		answered(t, await image.request('HEAD', `/blobs/${blob.digest}`), 404);
	});
}

for (const digest of [
	'sha256:abc',
	'md5:d41d8cd98f00b204e9800998ecf8427e',
	'nonsense',
	`sha256:${'Z'.repeat(64)}`,
	'',
]) {
	specify(`end-4b: a blob cannot be pushed as "${digest.slice(0, 20)}"`, async (t, {image}) => {
		const path = `/blobs/uploads/?digest=${digest}`;
		refused(t, await image.request('POST', path, {headers: octets, body: 'bytes'}), 400, 'DIGEST_INVALID');
	});
}

specify('end-4c: an upload is told beforehand that its digest will be a sha512 one', async (t, {image}) => {
	const blob = randomContent(90_000, 'sha512');
	const upload = await image.startUpload('?digest-algorithm=sha512');
	const next = await image.append(upload, blob.bytes.subarray(0, 50_000));
	const answer = await image.finish(await image.append(next, blob.bytes.subarray(50_000)), blob.digest);
	answered(t, answer, 201);
	t.is(answer.header('docker-content-digest'), blob.digest);
	t.true((await image.request('GET', `/blobs/${blob.digest}`)).body.equals(blob.bytes));
});

for (const [said, used] of [
	['sha256', 'sha256'],
	['sha256', 'sha512'],
	['sha512', 'sha256'],
	[undefined, 'sha512'],
] as const) {
	specify(`end-4c: an upload begun for ${said ?? 'nothing'} may end with a ${used} digest`, async (t, {image}) => {
		const blob = randomContent(9000, used);
		const upload = await image.startUpload(said === undefined ? '' : `?digest-algorithm=${said}`);
		answered(t, await image.finish(await image.append(upload, blob.bytes), blob.digest), 201);
		t.deepEqual((await image.request('GET', `/blobs/${blob.digest}`)).body, blob.bytes);
	});
}

specify('end-4c: an algorithm that nobody registered is refused', async (t, {image}) => {
	for (const algorithm of ['md5', 'sha1', 'constructor', 'SHA512']) {
		const answer = await image.request('POST', `/blobs/uploads/?digest-algorithm=${algorithm}`);
		refused(t, answer, 400, 'DIGEST_INVALID', 'UNSUPPORTED');
	}
});
