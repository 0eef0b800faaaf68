import {
	type Digest,
	type ImageName,
	type MetadataStore,
	type PromotionOutcome,
	type PromotionRequest,
	type RepositoryRecords,
	type TagName,
	parseImageName,
	parseTagName,
} from '@stowage/core';
import {type TestDatabase, databases} from '@stowage/test-servers/databases';
import {
	type MetadataWorld,
	addRepository,
	manifestOf,
	openMetadataWorld,
	putOptions,
	tagged,
} from '@stowage/test-servers/metadata-world';
import test, {type ExecutionContext} from 'ava';

const app = parseImageName('team/app');
const other = parseImageName('team/other');
const tag = (text: string): TagName => parseTagName(text);

interface World extends MetadataWorld {
	readonly target: RepositoryRecords;
	readonly targetId: number;
	readonly promote: (request?: Partial<PromotionRequest>) => Promise<PromotionOutcome>;
}

async function openWorld(t: ExecutionContext, database: TestDatabase): Promise<World> {
	const world = await openMetadataWorld(t, database);
	const {id: targetId} = await addRepository(world.store, 'docker-prod');
	const promote = (request: Partial<PromotionRequest> = {}) =>
		world.store.promotions.promote({
			from: {repository: world.repositoryId, image: app},
			to: {repository: targetId, image: app},
			storage: 'main',
			copy: false,
			by: 'promoter',
			mayMoveTags: false,
			...request,
		});
	return {...world, target: world.store.repository(targetId), targetId, promote};
}

/** An index of two platforms, a signature by `subject`, another by the name of a tag, and an attestation of that one. */
async function pushSigned({records, addBlob}: MetadataWorld, name: string) {
	const layers = {
		shared: await addBlob('shared', app),
		own: await addBlob(`${name}-own`, app),
		signature: await addBlob(`${name}-signature`, app),
	};
	const amd = manifestOf({text: `${name}-amd64`, layers: [layers.shared, layers.own]});
	const arm = manifestOf({text: `${name}-arm64`, layers: [layers.shared], foreign: ['sha256:beef' as Digest]});
	const index = manifestOf({text: `${name}-index`, entries: [amd.digest, arm.digest]});
	const signature = manifestOf({text: `${name}-sig`, layers: [layers.signature], subject: index.digest});
	const cosigned = manifestOf({text: `${name}-cosign`, layers: [layers.signature]});
	const attestation = manifestOf({text: `${name}-att`, layers: [layers.shared], subject: cosigned.digest});
	const companion = tag(`${amd.digest.replace(':', '-')}.sig`);
	await records.putManifest(app, amd, putOptions());
	await records.putManifest(app, arm, putOptions());
	await records.putManifest(app, index, putOptions([name]));
	await records.putManifest(app, signature, putOptions());
	await records.putManifest(app, cosigned, putOptions([companion]));
	await records.putManifest(app, attestation, putOptions());
	const manifests = [amd, arm, index, signature, cosigned, attestation].map(({digest}) => digest);
	return {layers, amd, arm, index, companion, manifests, blobs: Object.values(layers)};
}

async function whatOf(records: RepositoryRecords, image: ImageName, digests: readonly Digest[]) {
	const found = await Promise.all(digests.map(async digest => records.findManifest(image, {digest})));
	return digests.filter((_digest, position) => found[position] !== undefined);
}

async function tagsOf(records: RepositoryRecords, image: ImageName): Promise<readonly string[] | undefined> {
	return (await records.listTags(image, {limit: 100}))?.items;
}

/** Ends all holds that nothing needs, and takes all blobs that nobody holds. */
async function collect({blobs}: MetadataStore): Promise<readonly Digest[]> {
	const later = new Date(Date.now() + 60_000);
	await blobs.releaseUnreferenced(later, 10_000);
	return (await blobs.takeUnheld('main', later, 10_000)).map(({digest}) => digest);
}

for (const database of databases()) {
	const on = (title: string) => `${database.name}: ${title}`;

	test(on('a copy has all that the tag is made of, and the source keeps it'), async t => {
		const world = await openWorld(t, database);
		const {manifests, blobs, index, companion} = await pushSigned(world, '1.0');
		const outcome = await world.promote({tag: tag('1.0'), copy: true});
		t.like(outcome, {outcome: 'promoted', removedTags: [], removedManifests: []});
		t.deepEqual(await whatOf(world.target, app, manifests), manifests);
		t.deepEqual(await whatOf(world.records, app, manifests), manifests);
		t.deepEqual(await tagsOf(world.target, app), ['1.0', companion].toSorted());
		t.deepEqual((await world.target.findManifest(app, tagged('1.0')))?.manifest.bytes, index.bytes);
		const referrers = await world.target.listReferrers(app, index.digest, {limit: 10});
		t.is(referrers.items.length, 1);
		for (const digest of blobs) {
			t.not(await world.target.findBlob(app, digest), undefined);
		}
		t.deepEqual(await collect(world.store), []);
		t.like(await world.promote({tag: tag('1.0'), copy: true}), {outcome: 'promoted'});
	});

	test(on('a moved tag goes with what only it needs, under another name; layers that others share stay'), async t => {
		const world = await openWorld(t, database);
		const moved = await pushSigned(world, '1.0');
		const kept = await pushSigned(world, '2.0');
		// The older index has a platform of the moved one.
		const both = manifestOf({text: 'both', entries: [moved.arm.digest, kept.arm.digest]});
		await world.records.putManifest(app, both, putOptions(['both']));
		const outcome = await world.promote({
			tag: tag('1.0'),
			targetTag: tag('latest'),
			to: {repository: world.targetId, image: other},
		});
		t.like(outcome, {outcome: 'promoted', removedTags: ['1.0', moved.companion].toSorted()});
		t.deepEqual(await tagsOf(world.target, other), ['latest', moved.companion].toSorted());
		t.deepEqual(await whatOf(world.target, other, moved.manifests), moved.manifests);
		t.deepEqual(await whatOf(world.records, app, moved.manifests), [moved.arm.digest]);
		t.deepEqual(await whatOf(world.records, app, kept.manifests), kept.manifests);
		t.deepEqual(await tagsOf(world.records, app), ['2.0', 'both', kept.companion].toSorted());
		t.deepEqual(await collect(world.store), []);
		for (const digest of kept.blobs) {
			t.not(await world.records.findBlob(app, digest), undefined);
		}
		t.is(await world.records.findBlob(app, moved.layers.own), undefined);
		t.not(await world.target.findBlob(other, moved.layers.own), undefined);
	});

	test(on('what another tag of the source names stays there with all that tells of it'), async t => {
		const world = await openWorld(t, database);
		const pushed = await pushSigned(world, '1.0');
		await world.records.putManifest(app, pushed.index, putOptions(['stable']));
		const outcome = await world.promote({tag: tag('1.0')});
		t.like(outcome, {outcome: 'promoted', removedTags: ['1.0'], removedManifests: []});
		t.deepEqual(await whatOf(world.records, app, pushed.manifests), pushed.manifests);
		t.deepEqual(await whatOf(world.target, app, pushed.manifests), pushed.manifests);
		t.deepEqual(await tagsOf(world.target, app), ['1.0', pushed.companion].toSorted());
	});

	test(on('a whole image goes with every tag and every manifest, and nothing of it is left'), async t => {
		const world = await openWorld(t, database);
		const one = await pushSigned(world, '1.0');
		const two = await pushSigned(world, '2.0');
		const outcome = await world.promote();
		t.like(outcome, {outcome: 'promoted'});
		const all = [...one.manifests, ...two.manifests];
		t.deepEqual(await whatOf(world.target, app, all), all);
		t.is(await tagsOf(world.records, app), undefined);
		t.deepEqual(await tagsOf(world.target, app), ['1.0', '2.0', one.companion, two.companion].toSorted());
		t.deepEqual(await collect(world.store), []);
		t.is((await world.records.listImages({limit: 10})).items.length, 0);
	});

	test(on('a tag of the target is only moved for who may, and then what it named is there still'), async t => {
		const world = await openWorld(t, database);
		await pushSigned(world, '1.0');
		const before = manifestOf({text: 'before'});
		await world.target.putManifest(app, before, putOptions(['1.0']));
		t.deepEqual(await world.promote({tag: tag('1.0')}), {outcome: 'tag-exists', tags: [tag('1.0')]});
		t.deepEqual(await tagsOf(world.target, app), ['1.0']);
		t.like(await world.promote({tag: tag('1.0'), mayMoveTags: true}), {outcome: 'promoted'});
		t.not(await world.target.findManifest(app, {digest: before.digest}), undefined);
	});

	test(on('what is not there, or not on the storage, changes nothing'), async t => {
		const world = await openWorld(t, database);
		t.deepEqual(await world.promote(), {outcome: 'unknown'});
		const {blobs} = await pushSigned(world, '1.0');
		t.deepEqual(await world.promote({tag: tag('9')}), {outcome: 'unknown'});
		const outcome = await world.promote({tag: tag('1.0'), storage: 'elsewhere'});
		t.deepEqual(outcome.outcome === 'uncopied' && outcome.blobs.map(({digest}) => digest).toSorted(), blobs.toSorted());
		t.is((await world.target.listImages({limit: 10})).items.length, 0);
		t.is((await tagsOf(world.records, app))?.length, 2);
	});

	test(on('within one image a move gives the tag another name'), async t => {
		const world = await openWorld(t, database);
		const {manifests} = await pushSigned(world, '1.0');
		const to = {repository: world.repositoryId, image: app};
		t.like(await world.promote({to, tag: tag('1.0'), targetTag: tag('2.0')}), {removedTags: ['1.0']});
		t.deepEqual(await whatOf(world.records, app, manifests), manifests);
		t.true((await tagsOf(world.records, app))?.includes('2.0'));
		t.false((await tagsOf(world.records, app))?.includes('1.0'));
	});

	test(on('images that are promoted to and fro by several at once are always whole in one place'), async t => {
		const world = await openWorld(t, database);
		const {manifests} = await pushSigned(world, '1.0');
		const there = {repository: world.targetId, image: app};
		const here = {repository: world.repositoryId, image: app};
		const stores = [world.store, await world.openAnother()];
		const request = {tag: tag('1.0'), storage: 'main', copy: false, by: 'x', mayMoveTags: true};
		for (let round = 0; round < 10; round++) {
			await Promise.all([
				stores[0]?.promotions.promote({...request, from: here, to: there}),
				stores[1]?.promotions.promote({...request, from: there, to: here}),
				world.store.blobs.releaseUnreferenced(new Date(Date.now() + 60_000), 1000),
			]);
			const counts = [
				(await whatOf(world.records, app, manifests)).length,
				(await whatOf(world.target, app, manifests)).length,
			];
			t.deepEqual(
				counts.toSorted((one, two) => one - two),
				[0, manifests.length],
			);
		}
		t.deepEqual(await collect(world.store), []);
	});

	test(on('an image of 50 layers and 6 platforms is promoted with its rows alone'), async t => {
		const world = await openWorld(t, database);
		const layers = await Promise.all(
			Array.from({length: 50}, async (_, index) => world.addBlob(`layer ${index}`, app)),
		);
		const platforms = Array.from({length: 6}, (_, index) => manifestOf({text: `platform ${index}`, layers}));
		for (const platform of platforms) {
			await world.records.putManifest(app, platform, putOptions());
		}
		const index = manifestOf({text: 'index', entries: platforms.map(({digest}) => digest)});
		await world.records.putManifest(app, index, putOptions(['1.0']));
		const started = performance.now();
		const outcome = await world.promote({tag: tag('1.0')});
		t.log(`${(performance.now() - started).toFixed(1)} ms`);
		t.is(outcome.outcome === 'promoted' && outcome.manifests.length, 7);
		t.deepEqual(await collect(world.store), []);
	});
}
