import {answered, progressed, refused} from './assertions.ts';
import {content, digest, randomContent} from './content.ts';
import {octets, withQuery} from './image-client.ts';
import {specification} from './specification.ts';

const specify = specification();

for (const algorithm of ['sha256', 'sha512'] as const) {
	specify(
		`end-6: a blob that comes with the last request is stored under its ${algorithm} digest`,
		async (t, {image}) => {
			const blob = randomContent(2000, algorithm);
			const answer = await image.finish(await image.startUpload(), blob.digest, blob.bytes);
			answered(t, answer, 201);
			t.is(answer.header('docker-content-digest'), blob.digest);
			t.is(answer.header('content-length'), '0');
			const location = image.resolve(answer);
			t.is(location, `${image.base}/blobs/${blob.digest}`);
			t.deepEqual((await image.client.request('GET', location)).body, blob.bytes);
		},
	);
}

specify('end-6: the last chunk may come with the last request', async (t, {image}) => {
	const blob = randomContent(2000);
	const upload = await image.append(await image.startUpload(), blob.bytes.subarray(0, 1500));
	const headers = {...octets, 'content-range': '1500-1999'};
	answered(t, await image.finish(upload, blob.digest, blob.bytes.subarray(1500), headers), 201);
	t.deepEqual((await image.request('GET', `/blobs/${blob.digest}`)).body, blob.bytes);
});

specify('end-6: a last chunk of unknown length is taken to its end', async (t, {image}) => {
	const blob = randomContent(200_000);
	async function* body() {
		yield blob.bytes.subarray(1500, 3000);
		yield blob.bytes.subarray(3000);
	}
	const upload = await image.append(await image.startUpload(), blob.bytes.subarray(0, 1500));
	answered(t, await image.finish(upload, blob.digest, body()), 201);
	t.true((await image.request('GET', `/blobs/${blob.digest}`)).body.equals(blob.bytes));
});

for (const [what, range] of [
	['more', '1500-1598'],
	['fewer', '1500-1600'],
] as const) {
	specify(`end-6: a last chunk of unknown length with ${what} bytes than it says is refused`, async (t, {image}) => {
		const blob = randomContent(1600);
		const rest = blob.bytes.subarray(1500);
		async function* body() {
			yield rest.subarray(0, 60);
			yield rest.subarray(60);
		}
		const upload = await image.append(await image.startUpload(), blob.bytes.subarray(0, 1500));
		const answer = await image.finish(upload, blob.digest, body(), {...octets, 'content-range': range});
		refused(t, answer, 400, 'SIZE_INVALID');
		progressed(t, await image.client.request('GET', upload), 204, 1500);
		answered(t, await image.finish(upload, blob.digest, rest), 201);
	});
}

for (const range of ['1000-1499', '1600-2099', 'nonsense']) {
	specify(`end-6: a last chunk that says ${range} and belongs at 1500 is refused`, async (t, {image}) => {
		const blob = randomContent(2000);
		const upload = await image.append(await image.startUpload(), blob.bytes.subarray(0, 1500));
		const headers = {...octets, 'content-range': range};
		const answer = await image.finish(upload, blob.digest, blob.bytes.subarray(1500), headers);
		refused(t, answer, 416, 'RANGE_INVALID', 'BLOB_UPLOAD_INVALID');
		t.is(answer.header('range'), '0-1499');
		progressed(t, await image.client.request('GET', upload), 204, 1500);
		answered(t, await image.finish(upload, blob.digest, blob.bytes.subarray(1500)), 201);
	});
}

specify('end-6: an upload without bytes is the empty blob', async (t, {image}) => {
	const blob = content('');
	answered(t, await image.finish(await image.startUpload(), blob.digest), 201);
	const answer = await image.request('GET', `/blobs/${blob.digest}`);
	answered(t, answer, 200);
	t.is(answer.header('content-length'), '0');
});

for (const algorithm of ['sha256', 'sha512'] as const) {
	specify(
		`end-6: other bytes than the ${algorithm} digest says are refused, and kept under no digest`,
		async (t, {image}) => {
			const [said, sent] = [randomContent(100, algorithm), randomContent(100)];
			const upload = await image.append(await image.startUpload(), sent.bytes);
			refused(t, await image.finish(upload, said.digest), 400, 'DIGEST_INVALID');
			for (const name of [said.digest, sent.digest, digest(sent.bytes, 'sha512')]) {
				answered(t, await image.request('HEAD', `/blobs/${name}`), 404);
			}
		},
	);
}

for (const bad of [
	'',
	'sha256:abc',
	'sha999:00',
	`sha256:${'a'.repeat(65)}`,
	`sha256:${'A'.repeat(64)}`,
	'%00',
	'../../x',
]) {
	specify(`end-6: an upload cannot end as "${bad.slice(0, 20)}"`, async (t, {image}) => {
		const upload = await image.append(await image.startUpload(), Buffer.from('bytes'));
		refused(t, await image.finish(upload, bad), 400, 'DIGEST_INVALID');
	});
}

specify('end-6: an upload cannot end without a digest, and goes on', async (t, {image}) => {
	const blob = randomContent(100);
	const upload = await image.append(await image.startUpload(), blob.bytes);
	refused(t, await image.client.request('PUT', upload, {headers: octets}), 400, 'DIGEST_INVALID');
	answered(t, await image.finish(upload, blob.digest), 201);
});

specify('end-6: an upload that has ended is unknown, whatever is asked of it', async (t, {image}) => {
	const blob = randomContent(100);
	const upload = await image.append(await image.startUpload(), blob.bytes);
	answered(t, await image.finish(upload, blob.digest), 201);
	refused(t, await image.finish(upload, blob.digest), 404, 'BLOB_UPLOAD_UNKNOWN');
	refused(t, await image.client.request('GET', upload), 404, 'BLOB_UPLOAD_UNKNOWN');
	refused(t, await image.client.request('DELETE', upload), 404, 'BLOB_UPLOAD_UNKNOWN');
	answered(t, await image.request('HEAD', `/blobs/${blob.digest}`), 200);
});

specify(
	'end-6: an upload whose answer was lost can be ended twice at once, and the blob is there',
	async (t, {image}) => {
		const blob = randomContent(5000);
		const upload = await image.append(await image.startUpload(), blob.bytes);
		const answers = await Promise.all([image.finish(upload, blob.digest), image.finish(upload, blob.digest)]);
		t.true(answers.some(answer => answer.status === 201));
		for (const answer of answers.filter(({status}) => status !== 201)) {
			refused(t, answer, [404, 503], 'BLOB_UPLOAD_UNKNOWN', 'UNAVAILABLE');
		}
		t.deepEqual((await image.request('GET', `/blobs/${blob.digest}`)).body, blob.bytes);
	},
);

specify('end-6: a blob pushed by many at once is stored, and each is told so', async (t, {image, newImage}) => {
	const blob = randomContent(50_000);
	const images = [image, image, image, newImage(), newImage(), newImage()];
	const answers = await Promise.all(
		images.map(async each => each.finish(await each.startUpload(), blob.digest, blob.bytes)),
	);
	t.deepEqual(new Set(answers.map(answer => answer.status)), new Set([201]));
	for (const each of images) {
		t.true((await each.request('GET', `/blobs/${blob.digest}`)).body.equals(blob.bytes));
	}
});

specify('end-6: several digests are all right or refused', async (t, {image}) => {
	const blob = randomContent(100);
	const upload = await image.append(await image.startUpload(), blob.bytes);
	const path = withQuery(upload, `digest=${blob.digest}&digest=${randomContent().digest}`);
	const answer = await image.client.request('PUT', path, {headers: octets});
	if (answer.status !== 201) {
		refused(t, answer, 400, 'DIGEST_INVALID');
	} else {
		t.is(answer.header('docker-content-digest'), blob.digest);
	}
});
