import type {ExecutionContext} from 'ava';
import type {Answer} from './answer.ts';
import {answered, refused} from './assertions.ts';
import {
	type Content,
	type ContentDescriptor,
	content,
	emptyContent,
	imageManifest,
	indexManifest,
	mediaTypes,
	randomContent,
} from './content.ts';
import type {ImageClient} from './image-client.ts';
import {specification} from './specification.ts';

const specify = specification();
const signature = 'application/vnd.example.signature.v1';
const bill = 'application/vnd.example.sbom.v1+json';

interface ReferrersIndex {
	readonly schemaVersion: number;
	readonly mediaType: string;
	readonly manifests: readonly ContentDescriptor[];
}

/** What refers to `subject`, after checks that hold for every such answer. */
function referrers(t: ExecutionContext, answer: Answer): readonly ContentDescriptor[] {
	answered(t, answer, 200);
	t.is(answer.header('content-type'), 'application/vnd.oci.image.index.v1+json');
	t.is(answer.header('content-length'), String(answer.body.length));
	const index = answer.json<ReferrersIndex>();
	t.is(index.schemaVersion, 2);
	t.is(index.mediaType, 'application/vnd.oci.image.index.v1+json');
	return index.manifests;
}

/** Artifacts that refer to `subject`; each is another one. */
function artifact(subject: ContentDescriptor, artifactType: string | undefined, annotations: object = {}): Content {
	return imageManifest({layers: [emptyContent], more: {artifactType, subject, annotations}});
}

async function subjectIn(image: ImageClient): Promise<Content> {
	await image.pushBlob(emptyContent);
	return (await image.pushImage('latest')).manifest;
}

specify('end-12a: nothing refers to what nobody pushed, and the list is empty, not missing', async (t, {image}) => {
	t.deepEqual(referrers(t, await image.request('GET', `/referrers/${randomContent().digest}`)), []);
	const subject = await subjectIn(image);
	for (const digest of [subject.digest, randomContent().digest, randomContent(9, 'sha512').digest]) {
		const answer = await image.request('GET', `/referrers/${digest}`);
		t.deepEqual(referrers(t, answer), []);
		t.is(answer.header('link'), undefined);
		t.is(answer.header('oci-filters-applied'), undefined);
	}
});

specify('end-12a: HEAD of the list has its headers and no body', async (t, {image}) => {
	const answer = await image.request('HEAD', `/referrers/${(await subjectIn(image)).digest}`);
	answered(t, answer, 200);
	t.is(answer.header('content-type'), 'application/vnd.oci.image.index.v1+json');
	t.is(answer.body.length, 0);
});

specify('end-12a: whoever pushes a referrer is told that its subject was seen', async (t, {image}) => {
	const subject = await subjectIn(image);
	const pushed = artifact(subject.descriptor, signature, {'org.example.key': 'value'});
	for (const reference of [pushed.digest, 'signature']) {
		const answer = await image.putManifest(pushed, reference);
		answered(t, answer, 201);
		t.is(answer.header('oci-subject'), subject.digest);
	}
	t.deepEqual(referrers(t, await image.request('GET', `/referrers/${subject.digest}`)), [
		{...pushed.descriptor, artifactType: signature, annotations: {'org.example.key': 'value'}},
	]);
	t.is((await image.putManifest(subject)).header('oci-subject'), undefined);
});

specify(
	'end-12a: the type of an entry is its own, else that of its config; an index has its own or none',
	async (t, {image}) => {
		const subject = await subjectIn(image);
		const config = await image.pushBlob(content('{"c":1}', 'application/vnd.example.config.v1+json'));
		const more = {subject: subject.descriptor};
		const cases: readonly (readonly [Content, string | undefined])[] = [
			[imageManifest({layers: [emptyContent], more: {...more, artifactType: signature}}), signature],
			[imageManifest({config, layers: [emptyContent], more}), 'application/vnd.example.config.v1+json'],
			[imageManifest({config, more: {...more, artifactType: bill}}), bill],
			[indexManifest([], {...more, artifactType: bill}), bill],
			[indexManifest([], more), undefined],
		];
		for (const [pushed] of cases) {
			t.is((await image.putManifest(pushed)).header('oci-subject'), subject.digest);
		}
		const found = referrers(t, await image.request('GET', `/referrers/${subject.digest}`));
		t.is(found.length, cases.length);
		for (const [pushed, artifactType] of cases) {
			const entry = found.find(({digest}) => digest === pushed.digest);
			t.is(entry?.artifactType || undefined, artifactType);
			t.is(entry?.mediaType, pushed.mediaType);
			t.is(entry?.size, pushed.bytes.length);
		}
	},
);

specify('end-12b: only entries of the type asked for are told, and that they were chosen', async (t, {image}) => {
	const subject = await subjectIn(image);
	const pushed = [artifact(subject.descriptor, signature), artifact(subject.descriptor, bill)];
	pushed.push(artifact(subject.descriptor, bill, {second: 'yes'}));
	for (const each of pushed) {
		await image.pushManifest(each);
	}
	for (const [type, count] of [
		[signature, 1],
		[bill, 2],
		['application/vnd.example.other', 0],
		[`${signature}%`, 0],
	] as const) {
		const path = `/referrers/${subject.digest}?artifactType=${encodeURIComponent(type)}`;
		const answer = await image.request('GET', path);
		const found = referrers(t, answer);
		t.is(found.length, count);
		t.true(found.every(entry => entry.artifactType === type));
		t.is(answer.header('oci-filters-applied'), 'artifactType');
	}
	t.is(referrers(t, await image.request('GET', `/referrers/${subject.digest}`)).length, 3);
});

specify('end-12: a subject may come after what refers to it, or never', async (t, {image, newImage}) => {
	await image.pushBlob(emptyContent);
	const {manifest: subject, config, layer} = await newImage().pushImage();
	const early = artifact(subject.descriptor, signature);
	const answer = await image.putManifest(early);
	answered(t, answer, 201);
	t.is(answer.header('oci-subject'), subject.digest);
	t.is(referrers(t, await image.request('GET', `/referrers/${subject.digest}`)).length, 1);
	await Promise.all([image.pushBlob(config), image.pushBlob(layer)]);
	await image.pushManifest(subject, 'late');
	t.is(referrers(t, await image.request('GET', `/referrers/${subject.digest}`)).length, 1);
});

specify('end-12: attestations that come with an index refer to its images', async (t, {image}) => {
	const {manifest: platform} = await image.pushImage();
	await image.pushBlob(emptyContent);
	const type = 'application/vnd.docker.attestation.manifest.v1+json';
	const attestation = await image.pushManifest(artifact(platform.descriptor, type));
	const entry = {...attestation.descriptor, platform: {os: 'unknown', architecture: 'unknown'}};
	await image.pushManifest(indexManifest([platform.descriptor, entry]), 'latest');
	const found = referrers(t, await image.request('GET', `/referrers/${platform.digest}`));
	t.deepEqual(
		found.map(({digest}) => digest),
		[attestation.digest],
	);
});

specify('end-12: what refers is told in its own image only', async (t, {image, newImage}) => {
	const subject = await subjectIn(image);
	await image.pushManifest(artifact(subject.descriptor, signature));
	t.deepEqual(referrers(t, await newImage().request('GET', `/referrers/${subject.digest}`)), []);
});

specify('end-12: a deleted referrer is told no more; a deleted subject changes nothing', async (t, {image}) => {
	const subject = await subjectIn(image);
	const [kept, gone] = [artifact(subject.descriptor, signature), artifact(subject.descriptor, bill)];
	await image.pushManifest(kept);
	await image.pushManifest(gone);
	answered(t, await image.request('DELETE', `/manifests/${gone.digest}`), 202);
	answered(t, await image.request('DELETE', `/manifests/${subject.digest}`), 202);
	const found = referrers(t, await image.request('GET', `/referrers/${subject.digest}`));
	t.deepEqual(
		found.map(({digest}) => digest),
		[kept.digest],
	);
});

specify('end-12: a list too long for one page goes on, and nothing is lost or told twice', async (t, {image}) => {
	const subject = await subjectIn(image);
	const fill = 'x'.repeat(1024 * 1024);
	const pushed = Array.from({length: 6}, (_, index) =>
		artifact(subject.descriptor, signature, {index: `${index}`, fill}),
	);
	for (const each of pushed) {
		await image.pushManifest(each);
	}
	const seen: string[] = [];
	let path: string | undefined = `${image.base}/referrers/${subject.digest}?artifactType=${signature}`;
	while (path !== undefined) {
		const answer = await image.client.request('GET', path);
		t.true(answer.body.length <= 4 * 1024 * 1024, `${answer.body.length} bytes`);
		t.is(answer.header('oci-filters-applied'), 'artifactType');
		seen.push(...referrers(t, answer).map(({digest}) => digest));
		const next = answer.next();
		path = next === undefined ? undefined : image.client.resolve(next, path);
	}
	t.deepEqual(seen.toSorted(), pushed.map(each => each.digest).toSorted());
});

specify('end-12: a subject named by a sha512 digest is found by it', async (t, {image}) => {
	await image.pushBlob(emptyContent);
	const config = await image.pushBlob(content('{}', mediaTypes.config));
	const subject = await image.pushManifest(imageManifest({config, algorithm: 'sha512'}));
	const pushed = await image.pushManifest(artifact(subject.descriptor, signature));
	const found = referrers(t, await image.request('GET', `/referrers/${subject.digest}`));
	t.deepEqual(
		found.map(({digest}) => digest),
		[pushed.digest],
	);
});

specify('end-12: a manifest that refers to itself in a circle is no trouble', async (t, {image}) => {
	const subject = await subjectIn(image);
	const first = await image.pushManifest(artifact(subject.descriptor, signature));
	const second = await image.pushManifest(artifact(first.descriptor, signature));
	t.is(referrers(t, await image.request('GET', `/referrers/${first.digest}`))[0]?.digest, second.digest);
});

specify('end-12: what is no digest has no referrers', async (t, {image}) => {
	await subjectIn(image);
	for (const reference of [
		'latest',
		'sha256:abc',
		`sha256:${'G'.repeat(64)}`,
		'sha1:da39a3ee5e6b4b0d3255bfef95601890afd80709',
	]) {
		refused(t, await image.request('GET', `/referrers/${reference}`), [400, 404], 'DIGEST_INVALID');
	}
});
