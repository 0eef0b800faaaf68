import {type Digest, type MetadataStore, digestOf, parseImageName, parseTagName} from '@stowage/core';
import {databases} from '@stowage/test-servers/databases';
import {
	addBlobTo,
	addRepository,
	manifestOf,
	openMetadataWorld,
	putOptions,
	tagged,
} from '@stowage/test-servers/metadata-world';
import test from 'ava';

const later = () => new Date(Date.now() + 60_000);

function codeOf(reason: unknown): string | undefined {
	return (reason as {code?: string}).code;
}

/** Does `work` `count` times at once, in turn on each of the stores. */
function atOnce<Result>(
	stores: readonly MetadataStore[],
	count: number,
	work: (store: MetadataStore, index: number) => Promise<Result>,
): Promise<Result[]> {
	return Promise.all(Array.from({length: count}, (_, index) => work(stores[index % stores.length]!, index)));
}

for (const database of databases()) {
	const on = (title: string) => `${database.name}: ${title}`;

	test(on('50 inserts of one blob at once store it once and all hold it'), async t => {
		const {store, repositoryId, openAnother} = await openMetadataWorld(t, database);
		const stores = [store, await openAnother()];
		const digest = digestOf(Buffer.from('blob'));
		const inserted = await atOnce(stores, 50, (one, index) =>
			one.transaction(async inner => {
				const blob = {digest, size: 4, storage: 'main', key: `blobs/${index}`};
				const first = await inner.blobs.insert(blob);
				const image = parseImageName(`image-${index % 10}`);
				t.true(await inner.repository(repositoryId).hold(image, 'main', digest));
				return first;
			}),
		);
		t.is(inserted.filter(Boolean).length, 1);
		t.is((await store.blobs.find('main', digest))?.key, `blobs/${inserted.indexOf(true)}`);
		t.is((await store.repository(repositoryId).findHolders(digest, 100)).length, 10);
		t.deepEqual(await store.blobs.takeUnheld('main', later(), 10), []);
	});

	test(on('8 pushes at once of one image of 6 platforms to one tag are all stored'), async t => {
		const {store, repositoryId, records, image, openAnother} = await openMetadataWorld(t, database);
		const stores = [store, await openAnother()];
		const push = async (one: MetadataStore): Promise<Digest> => {
			const entries = await Promise.all(
				Array.from({length: 6}, async (_, platform) => {
					const names = ['base', `config ${platform}`, `layer ${platform}`];
					const add = (text: string) => addBlobTo(one, {repository: repositoryId, image, text});
					const layers = await Promise.all(names.map(add));
					const manifest = manifestOf({text: `platform ${platform}`, layers});
					const outcome = await one.repository(repositoryId).putManifest(image, manifest, putOptions());
					t.is(outcome.outcome, 'stored');
					return manifest.digest;
				}),
			);
			const index = manifestOf({text: 'index', entries});
			const outcome = await one.repository(repositoryId).putManifest(image, index, putOptions(['latest', 'v1']));
			t.is(outcome.outcome, 'stored');
			return index.digest;
		};
		const [digest] = await atOnce(stores, 8, push);
		t.is((await records.findManifest(image, tagged('latest')))?.manifest.digest, digest);
		t.deepEqual((await records.listTags(image, {limit: 10}))?.items, [parseTagName('latest'), parseTagName('v1')]);
		t.deepEqual(await records.listImages({limit: 10}), {items: [image]});
	});

	test(on('of pushes at once to a tag that may not move exactly one is stored'), async t => {
		const {store, repositoryId, records, image, openAnother} = await openMetadataWorld(t, database);
		const stores = [store, await openAnother()];
		const outcomes = await atOnce(stores, 10, (one, index) => {
			const options = putOptions(['v1'], {mayMoveTags: false});
			return one.repository(repositoryId).putManifest(image, manifestOf({text: `m ${index}`}), options);
		});
		const stored = outcomes.findIndex(({outcome}) => outcome === 'stored');
		t.is(outcomes.filter(({outcome}) => outcome === 'stored').length, 1);
		t.is(outcomes.filter(({outcome}) => outcome === 'tag-exists').length, 9);
		t.is((await records.findManifest(image, tagged('v1')))?.manifest.bytes.toString(), `m ${stored}`);
	});

	test(on('a manifest is not deleted while an index that names it is stored'), async t => {
		const {store, repositoryId, records, openAnother} = await openMetadataWorld(t, database);
		const another = await openAnother();
		const outcomes = await Promise.all(
			Array.from({length: 30}, async (_, round) => {
				const image = parseImageName(`image-${round}`);
				const child = manifestOf({text: 'child'});
				const index = manifestOf({text: 'index', entries: [child.digest]});
				await records.putManifest(image, child, putOptions());
				const [put, deleted] = await Promise.all([
					another.repository(repositoryId).putManifest(image, index, putOptions(['v1'])),
					store.repository(repositoryId).deleteManifest(image, child.digest),
				]);
				const there = (await records.findManifest(image, {digest: child.digest})) !== undefined;
				t.is(put.outcome === 'stored', there);
				t.is(deleted, there ? 'in-index' : 'deleted');
				return there;
			}),
		);
		t.is(outcomes.length, 30);
	});

	test(on('a blob that a stored manifest names is never collected, however the two race'), async t => {
		const {store, repositoryId, records, openAnother} = await openMetadataWorld(t, database);
		const another = await openAnother();
		const collecting = new AbortController();
		const collect = async () => {
			while (!collecting.signal.aborted) {
				await another.blobs.releaseUnreferenced(later(), 20);
				await another.blobs.takeUnheld('main', later(), 20);
				await new Promise(resolve => setTimeout(resolve, 1));
			}
		};
		const push = async (worker: number) => {
			const stored = [];
			for (let round = 0; round < 15; round++) {
				const image = parseImageName(`image-${worker}`);
				const texts = ['base', `layer ${worker} ${round % 4}`];
				const add = (text: string) => addBlobTo(store, {repository: repositoryId, image, text});
				const layers = [await add(texts[0]!), await add(texts[1]!)];
				const manifest = manifestOf({text: `m ${worker} ${round}`, layers});
				const {outcome} = await records.putManifest(image, manifest, putOptions());
				if (outcome === 'stored') {
					stored.push({image, layers});
				}
			}
			return stored;
		};
		const collector = collect();
		const stored = (await Promise.all([0, 1, 2, 3].map(push))).flat();
		collecting.abort();
		await collector;
		t.true(stored.length > 0);
		for (const {image, layers} of stored) {
			for (const layer of layers) {
				t.not(await records.findBlob(image, layer), undefined);
				t.not(await store.blobs.find('main', layer), undefined);
			}
		}
	});

	test(on('a hold that was granted is there, whatever was collected meanwhile'), async t => {
		const {store, repositoryId, records, image, openAnother} = await openMetadataWorld(t, database);
		const another = await openAnother();
		for (let round = 0; round < 20; round++) {
			const digest = await addBlobTo(store, {repository: repositoryId, image, text: `blob ${round}`});
			await records.release(image, digest);
			const [taken, ...held] = await Promise.all([
				another.blobs.takeUnheld('main', later(), 100),
				...['a', 'b', 'c'].map(name => records.hold(parseImageName(name), 'main', digest)),
			]);
			const gone = taken.some(blob => blob.digest === digest);
			t.is((await store.blobs.find('main', digest)) === undefined, gone);
			for (const [index, granted] of held.entries()) {
				t.is(granted, !gone);
				const found = await records.findBlob(parseImageName(['a', 'b', 'c'][index]!), digest);
				t.is(found !== undefined, granted);
			}
		}
	});

	test(on('two collectors at once take each blob once'), async t => {
		const {store, repositoryId, image, openAnother} = await openMetadataWorld(t, database);
		const another = await openAnother();
		await store.transaction(async inner => {
			for (let index = 0; index < 100; index++) {
				await addBlobTo(inner, {repository: repositoryId, image, text: `blob ${index}`});
			}
		});
		const released = await atOnce([store, another], 4, one => one.blobs.releaseUnreferenced(later(), 100));
		const rest = await store.blobs.releaseUnreferenced(later(), 100);
		t.is(
			[...released, rest].reduce((sum, batch) => sum + batch.released, 0),
			100,
		);
		const taken = await atOnce([store, another], 4, one => one.blobs.takeUnheld('main', later(), 40));
		taken.push(await store.blobs.takeUnheld('main', later(), 100));
		const digests = taken.flat().map(blob => blob.digest);
		t.is(digests.length, 100);
		t.is(new Set(digests).size, 100);
	});

	test(on('a repository that is deleted while it is pushed to refuses clearly and leaves nothing'), async t => {
		const {store, openAnother} = await openMetadataWorld(t, database);
		const another = await openAnother();
		const doomed = await addRepository(store, 'doomed');
		const push = async (worker: number) => {
			for (let round = 0; round < 10; round++) {
				const image = parseImageName(`image-${worker}-${round % 3}`);
				const layer = await addBlobTo(store, {repository: doomed.id, image, text: `layer ${worker} ${round}`});
				const manifest = manifestOf({text: `m ${worker} ${round}`, layers: [layer]});
				const {outcome} = await store.repository(doomed.id).putManifest(image, manifest, putOptions(['v1']));
				if (outcome !== 'stored') {
					return outcome;
				}
			}
			return 'stored';
		};
		const pushes = Promise.allSettled([0, 1, 2, 3].map(push));
		await new Promise(resolve => setTimeout(resolve, 15));
		t.true(await another.definitions.delete(doomed.id));
		for (const result of await pushes) {
			if (result.status === 'rejected') {
				t.is(codeOf(result.reason), 'CONFLICT', String(result.reason));
			} else {
				t.true(['stored', 'missing'].includes(result.value));
			}
		}
		t.deepEqual(await store.repository(doomed.id).listImages({limit: 10}), {items: []});
		const kept = await store.blobs.takeUnheld('main', later(), 1000);
		t.deepEqual(
			await store.blobs.findKeys(
				'main',
				kept.map(blob => blob.key),
			),
			new Set(),
		);
	});

	test(on('definitions made at once get keys of their own'), async t => {
		const {store, openAnother} = await openMetadataWorld(t, database);
		const stores = [store, await openAnother()];
		const before = await store.definitions.revision();
		const made = await Promise.allSettled(
			Array.from({length: 20}, (_, index) => addRepository(stores[index % 2]!, `key-${index % 5}`)),
		);
		t.is(made.filter(result => result.status === 'fulfilled').length, 5);
		for (const result of made) {
			t.true(result.status === 'fulfilled' || codeOf(result.reason) === 'CONFLICT');
		}
		t.is((await store.definitions.list()).length, 6);
		t.is(await store.definitions.revision(), before + 5);
	});
}
