import {answered, refused} from './assertions.ts';
import {imageManifest, indexManifest} from './content.ts';
import {specification} from './specification.ts';

const specify = specification();

function tagQuery(tags: readonly string[]): string {
	return tags.map(tag => `tag=${encodeURIComponent(tag)}`).join('&');
}

for (const algorithm of ['sha256', 'sha512'] as const) {
	specify(`end-7b: a manifest pushed by its ${algorithm} digest gets all tags that go with it`, async (t, {image}) => {
		const {config, layer} = await image.pushImage();
		const manifest = imageManifest({config, layers: [layer], more: {annotations: {one: 'two'}}, algorithm});
		const tags = Array.from({length: 12}, (_, index) => `v1.${10 + index}`);
		const answer = await image.putManifest(manifest, `${manifest.digest}?${tagQuery(tags)}`);
		answered(t, answer, 201);
		t.is(answer.header('docker-content-digest'), manifest.digest);
		t.deepEqual(answer.need('oci-tag').split(', ').toSorted(), tags);
		for (const tag of tags) {
			const read = await image.request('GET', `/manifests/${tag}`);
			t.deepEqual(read.body, manifest.bytes);
			t.is(read.header('docker-content-digest'), manifest.digest);
		}
		t.deepEqual((await image.request('GET', '/tags/list')).json<{tags: string[]}>().tags, tags);
	});
}

specify('end-7b: an index is tagged like any manifest', async (t, {image}) => {
	const index = indexManifest([(await image.pushImage()).manifest.descriptor]);
	const answer = await image.putManifest(index, `${index.digest}?tag=latest`);
	answered(t, answer, 201);
	t.is(answer.header('oci-tag'), 'latest');
	t.is((await image.request('HEAD', '/manifests/latest')).header('docker-content-digest'), index.digest);
});

specify('end-7b: tags that exist are moved', async (t, {image}) => {
	await image.pushImage('latest');
	const {manifest} = await image.pushImage();
	answered(t, await image.putManifest(manifest, `${manifest.digest}?tag=latest&tag=new`), 201);
	t.is((await image.request('HEAD', '/manifests/latest')).header('docker-content-digest'), manifest.digest);
});

specify('end-7b: a manifest without such tags is answered without OCI-Tag', async (t, {image}) => {
	const {manifest} = await image.pushImage();
	t.is((await image.putManifest(manifest)).header('oci-tag'), undefined);
});

specify('end-7b: one tag that is none refuses them all', async (t, {image}) => {
	const {manifest} = await image.pushImage('before');
	for (const bad of ['-x', '', 'a/b', 'a b', 'x'.repeat(129)]) {
		const answer = await image.putManifest(manifest, `${manifest.digest}?${tagQuery(['good', bad])}`);
		refused(t, answer, 400, 'TAG_INVALID', 'MANIFEST_INVALID');
	}
	t.deepEqual((await image.request('GET', '/tags/list')).json<{tags: string[]}>().tags, ['before']);
});

specify('end-7b: with other bytes than the digest says, no tag is set', async (t, {image}) => {
	const {manifest} = await image.pushImage('before');
	const other = {...manifest, bytes: Buffer.concat([manifest.bytes, Buffer.from(' ')])};
	refused(t, await image.putManifest(other, `${manifest.digest}?tag=after`), 400, 'DIGEST_INVALID');
	answered(t, await image.request('HEAD', '/manifests/after'), 404);
});

specify('end-7b: a tag named twice is set once', async (t, {image}) => {
	const {manifest} = await image.pushImage();
	answered(t, await image.putManifest(manifest, `${manifest.digest}?tag=a&tag=a`), 201);
	t.deepEqual((await image.request('GET', '/tags/list')).json<{tags: string[]}>().tags, ['a']);
});

specify('end-7b: thousands of tags at once are refused, and none is set', async (t, {image}) => {
	const {manifest} = await image.pushImage('before');
	const tags = Array.from({length: 1800}, (_, index) => `t${index}`);
	const answer = await image.putManifest(manifest, `${manifest.digest}?${tagQuery(tags)}`);
	t.true([400, 414, 431].includes(answer.status), String(answer.status));
	t.deepEqual((await image.request('GET', '/tags/list')).json<{tags: string[]}>().tags, ['before']);
});
