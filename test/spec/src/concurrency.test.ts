import type {Answer} from './answer.ts';
import {answered} from './assertions.ts';
import {content, type ContentDescriptor, imageManifest, indexManifest, mediaTypes, randomContent} from './content.ts';
import type {ImageClient} from './image-client.ts';
import {specification} from './specification.ts';

const specify = specification();

function statuses(answers: readonly Answer[]): readonly number[] {
	return [...new Set(answers.map(answer => answer.status))].toSorted((one, other) => one - other);
}

/** As a builder of several platforms pushes: all at once, and the index when they are there. */
async function pushPlatforms(image: ImageClient, seed: string): Promise<readonly Answer[]> {
	const answers: Answer[] = [];
	const platforms = ['amd64', 'arm64', 'arm', 's390x', 'ppc64le', 'riscv64'];
	const entries = await Promise.all(
		platforms.map(async architecture => {
			const config = content(`{"architecture":"${architecture}","seed":"${seed}"}`, mediaTypes.config);
			const layers = ['base', architecture].map(name => content(`${seed} ${name}`));
			for (const blob of [config, ...layers]) {
				answers.push(await image.finish(await image.startUpload(), blob.digest, blob.bytes));
			}
			const manifest = imageManifest({config, layers});
			answers.push(await image.putManifest(manifest));
			return {...manifest.descriptor, platform: {os: 'linux', architecture}} satisfies ContentDescriptor;
		}),
	);
	answers.push(await image.putManifest(indexManifest(entries), 'latest'));
	return answers;
}

specify('eight clients push one image of six platforms to one tag at once, and all succeed', async (t, {image}) => {
	const seed = randomContent(8).digest;
	const all = await Promise.all(Array.from({length: 8}, () => pushPlatforms(image, seed)));
	t.deepEqual(statuses(all.flat()), [201]);
	const index = await image.request('GET', '/manifests/latest');
	const {manifests} = index.json<{manifests: ContentDescriptor[]}>();
	t.is(manifests.length, 6);
	for (const {digest} of manifests) {
		const manifest = await image.request('GET', `/manifests/${digest}`);
		answered(t, manifest, 200);
		for (const layer of manifest.json<{layers: ContentDescriptor[]}>().layers) {
			answered(t, await image.request('GET', `/blobs/${layer.digest}`), 200);
		}
	}
	t.deepEqual((await image.request('GET', '/tags/list')).json<{tags: string[]}>().tags, ['latest']);
});

specify('eight clients push different images to one tag at once, and one of them has it', async (t, {image}) => {
	const seeds = Array.from({length: 8}, () => randomContent(8).digest);
	const all = await Promise.all(seeds.map(seed => pushPlatforms(image, seed)));
	t.deepEqual(statuses(all.flat()), [201]);
	const digest = (await image.request('HEAD', '/manifests/latest')).header('docker-content-digest');
	t.true(all.some(answers => answers.at(-1)?.header('docker-content-digest') === digest));
});

specify('fifty clients upload one blob at once, and all succeed', async (t, {image, newImage}) => {
	const blob = randomContent(20_000);
	const images = Array.from({length: 50}, (_, position) => (position % 2 === 0 ? image : newImage()));
	const answers = await Promise.all(
		images.map(async each => each.finish(await each.startUpload(), blob.digest, blob.bytes)),
	);
	t.deepEqual(statuses(answers), [201]);
	for (const each of images.slice(0, 6)) {
		t.true((await each.request('GET', `/blobs/${blob.digest}`)).body.equals(blob.bytes));
	}
});

specify(
	'pushing, deleting and mounting one blob at once never ends in an error of the registry',
	async (t, {image, newImage}) => {
		const blob = await image.pushBlob(randomContent(5000));
		const other = newImage();
		const path = `/blobs/${blob.digest}`;
		const answers = await Promise.all(
			Array.from({length: 8}, () => [
				image.request('DELETE', path),
				image.request('POST', `/blobs/uploads/?digest=${blob.digest}`, {body: blob.bytes}),
				other.request('POST', `/blobs/uploads/?mount=${blob.digest}&from=${image.name}`),
				image.request('GET', path),
			]).flat(),
		);
		t.true(
			answers.every(answer => answer.status < 500),
			statuses(answers).join(),
		);
		await image.pushBlob(blob);
		t.deepEqual((await image.request('GET', path)).body, blob.bytes);
	},
);

specify('a tag that is moved all the time is always there', async (t, {image}) => {
	const images = [await image.pushImage('latest'), await image.pushImage(), await image.pushImage()];
	const moves = (async () => {
		for (let round = 0; round < 10; round++) {
			for (const {manifest} of images) {
				await image.pushManifest(manifest, 'latest');
			}
		}
	})();
	const reads: Answer[] = [];
	for (let round = 0; round < 30; round++) {
		reads.push(await image.request('GET', '/manifests/latest'));
	}
	await moves;
	t.deepEqual(statuses(reads), [200]);
	const digests = new Set(images.map(({manifest}) => manifest.digest));
	t.true(reads.every(answer => digests.has(answer.need('docker-content-digest'))));
});
