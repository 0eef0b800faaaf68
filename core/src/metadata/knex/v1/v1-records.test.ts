import {randomBytes} from 'node:crypto';
import {setTimeout as sleep} from 'node:timers/promises';
import {
	type V1ImageId,
	type V1Records,
	mostV1Ancestors,
	parseImageName,
	parseTagName,
	parseV1ImageId,
} from '@stowage/core';
import {databases} from '@stowage/test-servers/databases';
import {type MetadataWorld, addRepository, openMetadataWorld} from '@stowage/test-servers/metadata-world';
import test from 'ava';

const later = () => new Date(Date.now() + 60_000);
const by = 'ann';
const tag = parseTagName('latest');

function newId(): V1ImageId {
	return parseV1ImageId(randomBytes(32).toString('hex'));
}

interface Pushed {
	readonly id?: V1ImageId;
	readonly parent?: V1ImageId;
	readonly text?: string;
}

/** Pushes one image under the world's name, all but the last step. */
async function receive({records, image, addBlob}: MetadataWorld, {id = newId(), parent, text = id}: Pushed = {}) {
	const push = {image, id, by};
	await records.v1.announce(image, [id], by);
	await records.v1.putJson(push, {json: Buffer.from(JSON.stringify({id})), parent});
	const digest = await addBlob(text);
	await records.v1.putLayer(push, {layer: {digest, size: text.length}, checksum: `sha256:${'0'.repeat(64)}`});
	return {push, id, digest};
}

/** Pushes images, each made of the one before. */
async function pushChain(world: MetadataWorld, count: number): Promise<readonly V1ImageId[]> {
	const ids: V1ImageId[] = [];
	for (let made = 0; made < count; made += 1) {
		const {push, id} = await receive(world, {parent: ids.at(-1), text: 'the same layer'});
		await world.records.v1.complete(push);
		ids.push(id);
	}
	return ids;
}

function putTag(v1: V1Records, {image}: Pick<MetadataWorld, 'image'>, id: V1ImageId, mayMoveTag = false) {
	return v1.putTag(image, tag, id, {by, mayMoveTag});
}

for (const database of databases()) {
	const on = (title: string) => `${database.name}: ${title}`;

	test(on('an image is there once it is complete, with all that it is made of'), async t => {
		const world = await openMetadataWorld(t, database);
		const {image, records} = world;
		const {v1} = records;
		const [base = newId()] = await pushChain(world, 1);
		const {push, id, digest} = await receive(world, {parent: base});
		t.is(await v1.findImage(id), undefined);
		t.like((await v1.findPushes(id, by))[0], {image, parent: base, layer: {digest}});
		t.deepEqual(await v1.findPushes(id, 'somebody else'), []);
		t.is(await v1.complete({...push, by: 'somebody else'}), 'incomplete');
		t.is(await v1.complete(push), 'stored');
		t.like(await v1.findImage(id), {id, parent: base, layer: {digest}, pushedBy: by});
		t.deepEqual(await v1.listAncestry(id), [id, base]);
		t.deepEqual(await v1.findPushes(id, by), []);
		t.deepEqual((await v1.listHolders(id, {limit: 10})).items, [image]);
		t.like(await v1.findLayer(digest), {digest});
		t.deepEqual(
			(await v1.listImages(image, {limit: 10})).items.map(one => one.id),
			[id, base].toSorted(),
		);
	});

	test(on('another image of an id, an unknown parent and a layer that is gone are refused'), async t => {
		const world = await openMetadataWorld(t, database);
		const {v1} = world.records;
		const [known = newId()] = await pushChain(world, 1);
		const other = await receive(world, {id: known, text: 'another layer'});
		t.is(await v1.complete(other.push), 'conflict');
		const orphan = await receive(world, {parent: newId()});
		t.is(await v1.complete(orphan.push), 'parent-unknown');
		const empty = await receive(world);
		await world.records.release(world.image, empty.digest);
		t.is(await v1.complete(empty.push), 'layer-unknown');
	});

	test(on('an image of which a part is gone is neither a parent nor tagged'), async t => {
		const world = await openMetadataWorld(t, database);
		const {v1} = world.records;
		const [base = newId()] = await pushChain(world, 1);
		await sleep(3);
		const before = new Date();
		const parent = await receive(world, {parent: base});
		t.is(await v1.complete(parent.push), 'stored');
		await v1.deleteName(world.image);
		t.is(await v1.collect(before), 1);
		t.deepEqual(await v1.listAncestry(parent.id), [parent.id]);
		const child = await receive(world, {parent: parent.id});
		t.is(await v1.complete(child.push), 'parent-unknown');
		t.is(await putTag(v1, world, parent.id), 'unknown');
	});

	test(on('two who complete the same image at once both have it'), async t => {
		const world = await openMetadataWorld(t, database);
		const {image, records, addBlob} = world;
		const another = (await world.openAnother()).repository(world.repositoryId);
		const other = parseImageName('library/other');
		for (let round = 0; round < 5; round += 1) {
			const {push, id} = await receive(world);
			const second = {...push, image: other};
			const [{json, layer, checksum} = {}] = await records.v1.findPushes(id, by);
			await addBlob(id, other);
			await another.v1.announce(other, [id], by);
			await another.v1.putJson(second, {json: json!});
			await another.v1.putLayer(second, {layer: layer!, checksum: checksum!});
			t.deepEqual(await Promise.all([records.v1.complete(push), another.v1.complete(second)]), ['stored', 'stored']);
			t.deepEqual((await records.v1.listHolders(id, {limit: 10})).items, [image, other]);
		}
	});

	test(on('tags are set, moved by who may, listed page by page and deleted with their name'), async t => {
		const world = await openMetadataWorld(t, database);
		const {image, records} = world;
		const {v1} = records;
		const [one = newId(), other = newId()] = await pushChain(world, 2);
		t.is(await putTag(v1, world, newId()), 'unknown');
		t.is(await v1.listTags(image, {limit: 1}), undefined);
		t.is(await putTag(v1, world, one), 'stored');
		t.is(await putTag(v1, world, one), 'stored');
		t.is(await putTag(v1, world, other), 'tag-exists');
		t.is(await putTag(v1, world, other, true), 'stored');
		t.like(await v1.findTag(image, tag), {id: other, taggedBy: by});
		const second = parseImageName('second/name');
		await v1.putTag(second, parseTagName('a'), one, {by, mayMoveTag: false});
		await v1.putTag(second, parseTagName('b'), one, {by, mayMoveTag: false});
		t.deepEqual(await v1.listNames({limit: 1}), {items: [image], next: image});
		t.deepEqual(await v1.listNames({limit: 1, after: image}), {items: [second]});
		t.is((await v1.listTags(second, {limit: 1}))?.next, 'a');
		t.true(await v1.deleteTag(second, parseTagName('a')));
		t.false(await v1.deleteTag(second, parseTagName('a')));
		t.true(await v1.deleteName(second));
		t.false(await v1.deleteName(second));
		t.deepEqual((await v1.listHolders(one, {limit: 10})).items, [image]);
	});

	test(on('layers stay as long as a tag needs them, and go with their images after that'), async t => {
		const world = await openMetadataWorld(t, database);
		const {store, records} = world;
		const {v1} = records;
		const {push, id, digest} = await receive(world);
		await v1.complete(push);
		await putTag(v1, world, id);
		t.is(await v1.collect(later()), 0);
		t.is((await store.blobs.releaseUnreferenced(later(), 100)).released, 0);
		t.deepEqual((await store.blobs.surveyCollectable(later(), {position: 0, limit: 10}))?.storages, [
			{storage: 'main', blobs: 0, bytes: 0},
		]);
		t.deepEqual(await store.blobs.takeUnheld('main', later(), 100), []);
		await v1.deleteTag(world.image, tag);
		t.is(await v1.collect(new Date(Date.now() - 60_000)), 0);
		t.truthy(await v1.findImage(id));
		t.is(await v1.collect(later()), 1);
		t.is(await v1.findImage(id), undefined);
		await sleep(2);
		t.is((await store.blobs.releaseUnreferenced(later(), 100)).released, 1);
		t.deepEqual(
			(await store.blobs.takeUnheld('main', later(), 100)).map(blob => blob.digest),
			[digest],
		);
	});

	test(on('what is tagged while it is collected is whole, or was not there'), async t => {
		const world = await openMetadataWorld(t, database);
		const {v1} = world.records;
		for (let round = 0; round < 5; round += 1) {
			const ids = await pushChain(world, 3);
			await sleep(3);
			const before = new Date();
			await sleep(3);
			const [outcome] = await Promise.all([putTag(v1, world, ids[2]!, true), v1.collect(before)]);
			t.is((await v1.listAncestry(ids[2]!)).length, outcome === 'stored' ? 3 : 0);
		}
	});

	test(on('a repository is deleted with its images, names, tags and pushes'), async t => {
		const world = await openMetadataWorld(t, database);
		const {store} = world;
		const {id} = await addRepository(store, 'old');
		const old = {...world, records: store.repository(id)};
		const key = {image: world.image, id: newId(), by};
		await old.records.v1.announce(key.image, [key.id], by);
		t.deepEqual((await old.records.v1.findPushes(key.id, by)).length, 1);
		const [made = newId()] = await pushChain(world, 1);
		await putTag(world.records.v1, world, made);
		for (const definition of await store.definitions.list()) {
			t.true(await store.definitions.delete(definition.id));
		}
		t.is(await world.records.v1.findImage(made), undefined);
		t.is(await world.records.v1.findTag(world.image, tag), undefined);
		t.deepEqual(await old.records.v1.findPushes(key.id, by), []);
	});
}

test('an image is made of no more than it may be', async t => {
	const [sqlite] = databases();
	const world = await openMetadataWorld(t, sqlite!);
	const ids = await pushChain(world, mostV1Ancestors);
	t.is((await world.records.v1.listAncestry(ids.at(-1)!)).length, mostV1Ancestors);
	const {push} = await receive(world, {parent: ids.at(-1)});
	t.is(await world.records.v1.complete(push), 'too-many-ancestors');
});
