import {
	type Digest,
	EventBus,
	type ImageName,
	ImageRemoval,
	type Removal,
	type RepositoryType,
	parseImageName,
	parseTagName,
} from '@stowage/core';
import {type TestDatabase, databases} from '@stowage/test-servers/databases';
import {type MetadataWorld, manifestOf, openMetadataWorld, putOptions} from '@stowage/test-servers/metadata-world';
import {silentLogger} from '@stowage/testing';
import test, {type ExecutionContext} from 'ava';
import type {ImageRemovalParts} from '../removal/image-removal.ts';
import {retentionJob, runRetention} from './run-retention.ts';
import type {RetentionRule} from './retention-rule.ts';
import {type RetainedImage, Retention, type RetentionOptions} from './retention.ts';

const withPolicies: RepositoryType = {
	type: 'local',
	options: {},
	rules: options => ({retention: [], ...options}),
	create: async () => Promise.reject(new Error('is never made here')),
};

interface Policies {
	readonly common?: readonly Partial<RetentionRule>[];
	readonly own?: readonly Partial<RetentionRule>[];
	readonly immutableTags?: readonly string[];
}

const complete = (rules: readonly Partial<RetentionRule>[] = []): RetentionRule[] =>
	rules.map((rule, index) => ({name: `rule ${index}`, action: 'remove', untagged: false, ...rule}));

/** Lets something happen before each removal. */
class LateRemoval extends ImageRemoval {
	readonly #before: () => Promise<void>;

	constructor(parts: ImageRemovalParts, before: () => Promise<void>) {
		super(parts);
		this.#before = before;
	}

	override async remove(...given: Parameters<ImageRemoval['remove']>): Promise<Removal> {
		await this.#before();
		return super.remove(...given);
	}
}

async function openWorld(
	t: ExecutionContext,
	database: TestDatabase,
	policies: Policies = {},
	before: (world: MetadataWorld) => Promise<void> = async () => {},
) {
	const world = await openMetadataWorld(t, database);
	const {store} = world;
	const definition = (await store.definitions.find('docker-local'))!;
	const options = {retention: complete(policies.own), immutableTags: policies.immutableTags ?? []};
	await store.definitions.update({
		...definition,
		options: JSON.parse(JSON.stringify(options)) as typeof definition.options,
	});
	const retention = new Retention({
		metadata: store,
		storages: new Map(),
		types: new Map([['local', withPolicies]]),
		completeOptions: (_schema, given) => given,
		removal: new LateRemoval({metadata: store, events: new EventBus(silentLogger)}, () => before(world)),
		logger: silentLogger,
		commonRules: async () => complete(policies.common),
	});
	const run = async (given: RetentionOptions = {}) => {
		const images: RetainedImage[] = [];
		for await (const image of retention.run(given)) {
			images.push(image);
		}
		return images;
	};
	const tags = async (image: ImageName) => (await world.records.listTags(image, {limit: 100}))?.items ?? [];
	return {...world, retention, run, tags};
}

const companionOf = (digest: Digest) => `${digest.replace(':', '-')}.sig`;

/** An index with two entries, of which one is signed by a tag. */
async function pushIndex({records, addBlob}: MetadataWorld, image: ImageName, name: string) {
	const layer = await addBlob('layer', image);
	const [amd, arm] = ['amd64', 'arm64'].map(platform =>
		manifestOf({text: `${image} ${name} ${platform}`, layers: [layer]}),
	);
	const index = manifestOf({text: `${image} ${name} index`, entries: [amd!.digest, arm!.digest]});
	const signature = manifestOf({text: `${image} ${name} signature`, layers: [layer]});
	await records.putManifest(image, amd!, putOptions());
	await records.putManifest(image, arm!, putOptions());
	await records.putManifest(image, index, putOptions([name]));
	await records.putManifest(image, signature, putOptions([companionOf(amd!.digest)]));
	return {index, amd: amd!, companion: companionOf(amd!.digest)};
}

const whatGoes = (images: readonly RetainedImage[]) =>
	images.map(({repository, image, leaving, removal}) => ({
		where: `${repository}/${image}`,
		why: leaving.map(({item, rule}) => `${item.tag ?? item.digest}: ${rule}`),
		tags: removal.tags.map(({tag}) => tag as string),
		manifests: removal.manifests.length,
	}));

for (const database of databases()) {
	const on = (title: string) => `${database.name}: ${title}`;

	test(on('a dry run tells what a run removes, with all that goes along, and a run removes it'), async t => {
		const world = await openWorld(t, database, {
			own: [{name: 'builds', tags: ['build-*'], exceptNewest: 1}],
			common: [{name: 'not here', repositories: ['other-*'], olderThanDays: 0}],
		});
		const image = parseImageName('team/app');
		const old = await pushIndex(world, image, 'build-1');
		await new Promise(resolve => setTimeout(resolve, 5));
		await pushIndex(world, image, 'build-2');
		const stable = await pushIndex(world, image, 'stable');
		const planned = whatGoes(await world.run({dryRun: true}));
		t.deepEqual(planned, [
			{
				where: 'docker-local/team/app',
				why: ['build-1: builds'],
				tags: ['build-1', old.companion].toSorted(),
				manifests: 4,
			},
		]);
		t.is((await world.tags(image)).length, 6);
		t.deepEqual(whatGoes(await world.run({repository: 'another'})), []);
		t.deepEqual(whatGoes(await world.run({repository: 'docker-local'})), planned);
		t.deepEqual(
			await world.tags(image),
			(await world.tags(image)).filter(tag => tag !== 'build-1'),
		);
		t.is((await world.tags(image)).length, 4);
		t.not(await world.records.findManifest(image, {digest: stable.amd.digest}), undefined);
		t.is(await world.records.findManifest(image, {digest: old.amd.digest}), undefined);
		t.deepEqual(await world.run(), []);
	});

	test(
		on('what nothing needs goes by a rule about it; what a kept tag, an index or a pull needs does not'),
		async t => {
			const world = await openWorld(t, database, {
				own: [
					{name: 'loose', untagged: true, exceptNewest: 0},
					{name: 'unused', tags: ['*'], notPulledForDays: 0},
				],
				immutableTags: ['v*'],
			});
			const image = parseImageName('app');
			const {index, amd} = await pushIndex(world, image, 'v1');
			const loose = manifestOf({text: 'loose'});
			const attached = manifestOf({text: 'attached', subject: index.digest});
			const used = manifestOf({text: 'used', entries: [amd.digest]});
			await world.records.putManifest(image, loose, putOptions());
			await world.records.putManifest(image, attached, putOptions());
			await world.records.putManifest(image, used, putOptions(['used']));
			await world.records.putManifest(image, manifestOf({text: 'unused'}), putOptions(['unused']));
			// As by a client that knew the index.
			await world.records.notePulls([{image, digest: amd.digest, at: new Date(Date.now() + 60_000)}]);
			t.deepEqual(whatGoes(await world.run()), [
				{
					where: 'docker-local/app',
					why: [`${loose.digest}: loose`, 'unused: unused'],
					tags: ['unused'],
					manifests: 2,
				},
			]);
			t.deepEqual(
				(await world.tags(image)).filter(tag => !tag.startsWith('sha256-')),
				[parseTagName('used'), parseTagName('v1')],
			);
			t.not(await world.records.findManifest(image, {digest: attached.digest}), undefined);
		},
	);

	test(on('a run that is interrupted goes on where it was, and counts all'), async t => {
		const world = await openWorld(t, database, {common: [{name: 'all', olderThanDays: 0}]});
		const images = ['a', 'b', 'c', 'd'].map(parseImageName);
		for (const image of images) {
			await pushIndex(world, image, '1.0');
		}
		await new Promise(resolve => setTimeout(resolve, 5));
		const {jobs} = world.store;
		const stop = new AbortController();
		let removed = 0;
		const onRemoved = () => {
			removed++;
			if (removed === 2) {
				stop.abort(new Error('enough'));
			}
		};
		const parts = {retention: world.retention, jobs, onRemoved, reportEveryMs: 0};
		await t.throwsAsync(runRetention(parts, {signal: stop.signal}), {message: 'enough'});
		t.like((await jobs.find(retentionJob)).report, {images: 2, at: {repository: 'docker-local', image: 'b'}});
		const report = await runRetention(parts);
		t.deepEqual(report, {images: 4, tags: 8, manifests: 16});
		t.deepEqual((await jobs.find(retentionJob)).report, {images: 4, tags: 8, manifests: 16});
		t.is(removed, 4);
		t.deepEqual((await world.records.listImages({limit: 10})).items, []);
		t.deepEqual(await runRetention(parts), {images: 0, tags: 0, manifests: 0});
	});

	test(on('what is pushed or pulled between the look and the removal stays'), async t => {
		const policies = {own: [{name: 'unused', tags: ['*'], notPulledForDays: 0}]};
		const image = parseImageName('app');
		const manifests = ['again', 'pulled', 'old'].map(text => manifestOf({text}));
		const [again, pulled] = manifests;
		const world = await openWorld(t, database, policies, async ({records}) => {
			await records.putManifest(image, again!, putOptions(['again']));
			await records.notePulls([{image, digest: pulled!.digest, at: new Date()}]);
		});
		for (const [place, tag] of ['again', 'pulled', 'old'].entries()) {
			await world.records.putManifest(image, manifests[place]!, putOptions([tag]));
		}
		await new Promise(resolve => setTimeout(resolve, 5));
		const [gone] = whatGoes(await world.run());
		t.deepEqual(gone, {where: 'docker-local/app', why: ['old: unused'], tags: ['old'], manifests: 1});
		t.deepEqual((await world.tags(image)).map(String), ['again', 'pulled']);
	});
}
