import {answered, progressed, refused} from './assertions.ts';
import {randomContent} from './content.ts';
import {specification} from './specification.ts';

const specify = specification();

for (const algorithm of ['sha256', 'sha512'] as const) {
	specify(
		`end-11: a blob of another image is had by its ${algorithm} digest without being sent`,
		async (t, {image, newImage}) => {
			const source = newImage();
			const blob = await source.pushBlob(randomContent(600, algorithm));
			const answer = await image.request('POST', `/blobs/uploads/?mount=${blob.digest}&from=${source.name}`);
			answered(t, answer, 201);
			t.is(answer.header('docker-content-digest'), blob.digest);
			t.is(answer.body.length, 0);
			const location = image.resolve(answer);
			t.is(location, `${image.base}/blobs/${blob.digest}`);
			t.deepEqual((await image.client.request('GET', location)).body, blob.bytes);
		},
	);
}

specify('end-11: the source may be written with its slashes encoded', async (t, {image, newImage}) => {
	const source = newImage();
	const blob = await source.pushBlob(randomContent());
	const from = encodeURIComponent(source.name);
	const mount = encodeURIComponent(blob.digest);
	answered(t, await image.request('POST', `/blobs/uploads/?from=${from}&mount=${mount}`), 201);
});

specify('end-11: a blob is had without saying where it is', async (t, {image, newImage}) => {
	const blob = await newImage().pushBlob(randomContent());
	const answer = await image.request('POST', `/blobs/uploads/?mount=${blob.digest}`);
	answered(t, answer, 201);
	t.is(answer.header('docker-content-digest'), blob.digest);
	t.deepEqual((await image.client.request('GET', image.resolve(answer))).body, blob.bytes);
});

specify('end-11: an image may mount from itself', async (t, {image}) => {
	const blob = await image.pushBlob(randomContent());
	answered(t, await image.request('POST', `/blobs/uploads/?mount=${blob.digest}&from=${image.name}`), 201);
	answered(t, await image.request('HEAD', `/blobs/${blob.digest}`), 200);
});

specify(
	'end-11: what was mounted stays when its source deletes it, and can be in a manifest',
	async (t, {image, newImage}) => {
		const source = newImage();
		const {manifest, config, layer} = await source.pushImage('latest');
		for (const blob of [config, layer]) {
			answered(t, await image.request('POST', `/blobs/uploads/?mount=${blob.digest}&from=${source.name}`), 201);
		}
		answered(t, await image.putManifest(manifest, 'latest'), 201);
		answered(t, await source.request('DELETE', `/manifests/${manifest.digest}`), 202);
		answered(t, await source.request('DELETE', `/blobs/${layer.digest}`), 202);
		t.deepEqual((await image.request('GET', `/blobs/${layer.digest}`)).body, layer.bytes);
	},
);

specify('end-11: a blob that is not where it is said to be must be sent', async (t, {image, newImage}) => {
	const [source, elsewhere] = [newImage(), newImage()];
	await source.pushBlob(randomContent());
	const blob = await elsewhere.pushBlob(randomContent());
	const answer = await image.request('POST', `/blobs/uploads/?mount=${blob.digest}&from=${source.name}`);
	progressed(t, answer, 202, 0);
	answered(t, await image.finish(image.resolve(answer), blob.digest, blob.bytes), 201);
});

for (const [what, query] of [
	['of a digest that nobody has', `mount=${randomContent().digest}`],
	[
		'of a digest that nobody has, from an image that does not exist',
		`mount=${randomContent().digest}&from=docker-local/no`,
	],
	['from a repository that does not exist', `mount=${randomContent().digest}&from=no-such-repository/app`],
	['from what is no name', `mount=${randomContent().digest}&from=../..//UPPER`],
	['from nothing', `mount=${randomContent().digest}&from=`],
] as const) {
	specify(`end-11: a mount ${what} becomes an upload`, async (t, {image}) => {
		const blob = randomContent();
		const answer = await image.request('POST', `/blobs/uploads/?${query}`);
		progressed(t, answer, 202, 0);
		answered(t, await image.finish(image.resolve(answer), blob.digest, blob.bytes), 201);
	});
}

specify('end-11: a mount of what is no digest becomes an upload, or is refused', async (t, {image}) => {
	for (const mount of ['sha256:abc', 'x', '', '../../etc/passwd']) {
		const answer = await image.request('POST', `/blobs/uploads/?mount=${mount}&from=${image.name}`);
		if (answer.status === 202) {
			progressed(t, answer, 202, 0);
		} else {
			refused(t, answer, 400, 'DIGEST_INVALID');
		}
	}
});

specify('end-11: a manifest cannot be mounted as a blob', async (t, {image, newImage}) => {
	const source = newImage();
	const {manifest} = await source.pushImage('latest');
	const answer = await image.request('POST', `/blobs/uploads/?mount=${manifest.digest}&from=${source.name}`);
	answered(t, answer, 202);
});
