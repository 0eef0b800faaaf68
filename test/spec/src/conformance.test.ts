import type {ExecutionContext} from 'ava';
import {answered, refused} from './assertions.ts';
import {type ConformanceData, conformanceData} from './conformance-data.ts';
import {type Content, content, type ContentDescriptor, mediaTypes, randomContent} from './content.ts';
import {type ImageClient, octets} from './image-client.ts';
import {specification} from './specification.ts';

const specify = specification({
	bootstrap: {
		repositories: {
			'docker-local': {type: 'local'},
			sparse: {type: 'local', options: {sparseIndexes: true}},
		},
	},
});

/** The ways of pushing that the suite tries, one after the other. */
const pushes: readonly ((image: ImageClient, blob: Content) => Promise<{status: number}>)[] = [
	(image, {digest, bytes}) => image.request('POST', `/blobs/uploads/?digest=${digest}`, {headers: octets, body: bytes}),
	async (image, {digest, bytes}) => image.finish(await image.startUpload(), digest, bytes),
	async (image, {digest, bytes}) => image.finish(await image.append(await image.startUpload(), bytes), digest),
];

async function push(t: ExecutionContext, image: ImageClient, {blobs, manifests, tags}: ConformanceData): Promise<void> {
	for (const [position, blob] of blobs.entries()) {
		t.is((await pushes[position % pushes.length]?.(image, blob))?.status, 201);
	}
	for (const manifest of manifests) {
		const answer = await image.putManifest(manifest);
		answered(t, answer, 201);
		t.is(answer.header('docker-content-digest'), manifest.digest);
		const subject = (JSON.parse(manifest.bytes.toString()) as {subject?: ContentDescriptor}).subject;
		t.is(answer.header('oci-subject'), subject?.digest);
	}
	for (const [tag, digest] of Object.entries(tags)) {
		const manifest = manifests.find(each => each.digest === digest);
		answered(t, await image.putManifest(manifest as Content, tag), 201);
	}
}

async function pull(t: ExecutionContext, image: ImageClient, {blobs, manifests, tags}: ConformanceData): Promise<void> {
	const byTag = Object.entries(tags).map(
		([tag, digest]) => [tag, manifests.find(each => each.digest === digest)] as const,
	);
	const headers = {accept: [mediaTypes.index, mediaTypes.image]};
	for (const [reference, manifest] of [...manifests.map(each => [each.digest, each] as const), ...byTag]) {
		for (const method of ['HEAD', 'GET'] as const) {
			const answer = await image.request(method, `/manifests/${reference}`, {headers});
			answered(t, answer, 200);
			t.is(answer.header('content-type'), manifest?.mediaType);
			t.is(answer.header('content-length'), String(manifest?.bytes.length));
			t.is(answer.header('docker-content-digest'), manifest?.digest);
			t.deepEqual(answer.body, method === 'GET' ? manifest?.bytes : Buffer.alloc(0));
		}
	}
	for (const blob of blobs) {
		answered(t, await image.request('HEAD', `/blobs/${blob.digest}`), 200);
		t.deepEqual((await image.request('GET', `/blobs/${blob.digest}`)).body, blob.bytes);
	}
	const list = await image.request('GET', '/tags/list');
	t.deepEqual(list.json<{tags: string[]}>().tags, Object.keys(tags).toSorted());
}

async function refer(t: ExecutionContext, image: ImageClient, {referrers = {}}: ConformanceData): Promise<void> {
	for (const [subject, entries] of Object.entries(referrers)) {
		const answer = await image.request('GET', `/referrers/${subject}`);
		t.is(answer.header('content-type'), mediaTypes.index);
		const found = answer.json<{manifests: ContentDescriptor[]}>().manifests;
		t.deepEqual(byDigest(found), byDigest(entries));
		for (const wanted of entries) {
			const type = encodeURIComponent(wanted.artifactType ?? '');
			const filtered = await image.request('GET', `/referrers/${subject}?artifactType=${type}`);
			t.is(filtered.header('oci-filters-applied'), 'artifactType');
			t.deepEqual(filtered.json<{manifests: ContentDescriptor[]}>().manifests, [wanted]);
		}
	}
}

function byDigest(entries: readonly ContentDescriptor[]): readonly ContentDescriptor[] {
	return entries.toSorted((one, other) => (one.digest < other.digest ? -1 : 1));
}

/** In the suite's order: tags, then manifests from the last pushed to the first, then blobs. */
async function remove(
	t: ExecutionContext,
	image: ImageClient,
	{blobs, manifests, tags}: ConformanceData,
): Promise<void> {
	const digests = manifests.map(({digest}) => digest).toReversed();
	for (const reference of [...Object.keys(tags), ...digests]) {
		answered(t, await image.request('DELETE', `/manifests/${reference}`), 202);
		answered(t, await image.request('HEAD', `/manifests/${reference}`), 404);
	}
	for (const digest of new Set(blobs.map(blob => blob.digest))) {
		answered(t, await image.request('DELETE', `/blobs/${digest}`), 202);
		answered(t, await image.request('HEAD', `/blobs/${digest}`), 404);
	}
}

for (const [name, build] of Object.entries(conformanceData)) {
	specify(
		`conformance ${name}: pushed, listed, pulled, referred to and deleted as the suite does`,
		async (t, {client, image: usual}) => {
			const image = name === 'OCI_DATA_SPARSE' ? client.image('conformance/sparse', '/v2/sparse') : usual;
			const data = build();
			await push(t, image, data);
			await pull(t, image, data);
			await refer(t, image, data);
			await remove(t, image, data);
		},
	);
}

specify('conformance OCI_DATA_SPARSE: refused where indexes must be whole', async (t, {image}) => {
	const {blobs, manifests} = conformanceData['OCI_DATA_SPARSE']!();
	const [there, sparse] = manifests as [Content, Content];
	for (const blob of blobs) {
		await image.pushBlob(blob);
	}
	await image.pushManifest(there);
	refused(t, await image.putManifest(sparse, 'sparse-index'), 400, 'MANIFEST_BLOB_UNKNOWN');
	answered(t, await image.request('HEAD', `/manifests/${sparse.digest}`), 404);
	answered(t, await image.request('HEAD', '/manifests/sparse-index'), 404);
});

for (const algorithm of ['sha256', 'sha512'] as const) {
	for (const [name, bytes] of [
		['the empty blob (OCI_DATA_EMPTY_BLOB)', ''],
		['the empty JSON object', '{}'],
	] as const) {
		specify(
			`conformance: ${name} under its ${algorithm} digest is pushed by every way, read and deleted`,
			async (t, {newImage}) => {
				for (const way of pushes) {
					const image = newImage();
					const blob = content(bytes, undefined, algorithm);
					t.is((await way(image, blob)).status, 201);
					t.is((await image.request('HEAD', `/blobs/${blob.digest}`)).header('content-length'), String(bytes.length));
					t.is((await image.request('GET', `/blobs/${blob.digest}`)).body.toString(), bytes);
					answered(t, await image.request('DELETE', `/blobs/${blob.digest}`), 202);
					answered(t, await image.request('HEAD', `/blobs/${blob.digest}`), 404);
				}
			},
		);
	}
}

specify('conformance: a manifest by a digest that is none is neither pushed nor pulled', async (t, {image}) => {
	const {manifest} = await image.pushImage();
	refused(
		t,
		await image.putManifest(manifest, 'sha256:baddigeststring'),
		400,
		'DIGEST_INVALID',
		'TAG_INVALID',
		'MANIFEST_INVALID',
	);
	const answer = await image.request('GET', '/manifests/sha256:baddigeststring');
	refused(t, answer, [400, 404], 'DIGEST_INVALID', 'TAG_INVALID', 'MANIFEST_UNKNOWN');
});

specify('conformance: of an image that nobody pushed, tags are unknown and referrers are none', async (t, {image}) => {
	t.true([200, 404].includes((await image.request('GET', '/tags/list')).status));
	answered(t, await image.request('GET', `/referrers/${randomContent().digest}`), 200);
});
