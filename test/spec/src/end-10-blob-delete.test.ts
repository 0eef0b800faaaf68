import {answered, refused} from './assertions.ts';
import {randomContent} from './content.ts';
import {specification} from './specification.ts';

const specify = specification();

for (const algorithm of ['sha256', 'sha512'] as const) {
	specify(`end-10: a blob deleted by its ${algorithm} digest is gone at once`, async (t, {image}) => {
		const blob = await image.pushBlob(randomContent(64, algorithm));
		const answer = await image.request('DELETE', `/blobs/${blob.digest}`);
		answered(t, answer, 202);
		t.is(answer.body.length, 0);
		answered(t, await image.request('HEAD', `/blobs/${blob.digest}`), 404);
		refused(t, await image.request('GET', `/blobs/${blob.digest}`), 404, 'BLOB_UNKNOWN', 'NAME_UNKNOWN');
	});
}

specify('end-10: what was deleted, or never was, cannot be deleted', async (t, {image}) => {
	const blob = await image.pushBlob(randomContent());
	answered(t, await image.request('DELETE', `/blobs/${blob.digest}`), 202);
	refused(t, await image.request('DELETE', `/blobs/${blob.digest}`), 404, 'BLOB_UNKNOWN', 'NAME_UNKNOWN');
	refused(t, await image.request('DELETE', `/blobs/${randomContent().digest}`), 404, 'BLOB_UNKNOWN', 'NAME_UNKNOWN');
});

specify('end-10: a digest that is none deletes nothing', async (t, {image}) => {
	await image.pushBlob(randomContent());
	for (const digest of ['sha256:abc', 'latest', '%2e%2e%2f', `sha256:${'0'.repeat(63)}`]) {
		const answer = await image.request('DELETE', `/blobs/${digest}`);
		refused(t, answer, [400, 404], 'DIGEST_INVALID', 'NAME_INVALID');
	}
});

specify('end-10: a deleted blob can be pushed again', async (t, {image}) => {
	const blob = await image.pushBlob(randomContent());
	for (let round = 0; round < 3; round++) {
		answered(t, await image.request('DELETE', `/blobs/${blob.digest}`), 202);
		await image.pushBlob(blob);
		t.deepEqual((await image.request('GET', `/blobs/${blob.digest}`)).body, blob.bytes);
	}
});

specify('end-10: another image that has the blob keeps it', async (t, {image, newImage}) => {
	const blob = await image.pushBlob(randomContent());
	const other = newImage();
	await other.pushBlob(blob);
	answered(t, await image.request('DELETE', `/blobs/${blob.digest}`), 202);
	answered(t, await image.request('HEAD', `/blobs/${blob.digest}`), 404);
	t.deepEqual((await other.request('GET', `/blobs/${blob.digest}`)).body, blob.bytes);
});

specify('end-10: a blob that a manifest of the image needs is not deleted from under it', async (t, {image}) => {
	const {config, layer, manifest} = await image.pushImage('latest');
	for (const blob of [config, layer]) {
		refused(t, await image.request('DELETE', `/blobs/${blob.digest}`), 403, 'DENIED');
		t.deepEqual((await image.request('GET', `/blobs/${blob.digest}`)).body, blob.bytes);
	}
	answered(t, await image.request('DELETE', `/manifests/${manifest.digest}`), 202);
	answered(t, await image.request('DELETE', `/blobs/${layer.digest}`), 202);
	answered(t, await image.request('HEAD', `/blobs/${layer.digest}`), 404);
});

specify('end-10: of deleting a blob and pushing a manifest that needs it, one wins', async (t, {newImage}) => {
	for (let round = 0; round < 5; round++) {
		const image = newImage();
		const {manifest, layer} = await image.pushImage('latest');
		answered(t, await image.request('DELETE', `/manifests/${manifest.digest}`), 202);
		const [put, remove] = await Promise.all([
			image.putManifest(manifest, 'latest'),
			image.request('DELETE', `/blobs/${layer.digest}`),
		]);
		t.true([201, 400, 404].includes(put.status) && remove.status < 500, `${put.status} ${remove.status}`);
		const there = (await image.request('HEAD', `/blobs/${layer.digest}`)).status === 200;
		t.is(there, put.status === 201, `${put.status} ${remove.status}`);
	}
});
