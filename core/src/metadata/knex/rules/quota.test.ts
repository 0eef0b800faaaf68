import {
	type Digest,
	type ImageName,
	type MetadataStore,
	type Quota,
	QuotaExceededError,
	digestOf,
	parseImageName,
} from '@stowage/core';
import {type TestDatabase, databases} from '@stowage/test-servers/databases';
import {
	addBlobTo,
	addRepository,
	manifestOf,
	openMetadataWorld,
	putOptions,
} from '@stowage/test-servers/metadata-world';
import test, {type ExecutionContext} from 'ava';

const one = parseImageName('team/one');
const two = parseImageName('team/two');

async function openWorld(t: ExecutionContext, database: TestDatabase) {
	const world = await openMetadataWorld(t, database);
	const {store, records, repositoryId: id} = world;
	const {id: other} = await addRepository(store, 'other');
	/** A blob of so many bytes that nobody else pushes, in another repository. */
	const stored = (name: string, size: number) =>
		addBlobTo(store, {repository: other, image: one, text: name.padEnd(size, '.')});
	const hold = (image: ImageName, digest: Digest, quota: Quota) => records.hold(image, 'main', digest, quota);
	const refused = (image: ImageName, digest: Digest, quota: Quota, of: string) =>
		t.throwsAsync(hold(image, digest, quota), {instanceOf: QuotaExceededError}).then(error => {
			t.like(error, {code: 'DENIED', status: 403, excess: {of}});
			return error.excess;
		});
	return {...world, id, stored, hold, refused};
}

for (const database of databases()) {
	const on = (title: string) => `${database.name}: ${title}`;

	test(on('a repository holds no more than its quota, and what its images share counts once'), async t => {
		const {stored, hold, refused, records} = await openWorld(t, database);
		const quota = {repository: 100};
		const [big, small, more] = [await stored('big', 60), await stored('small', 40), await stored('m', 1)];
		t.true(await hold(one, big, quota));
		t.true(await hold(two, big, quota));
		t.true(await hold(one, big, quota));
		t.true(await hold(two, small, quota));
		t.deepEqual(await refused(one, more, quota, 'repository'), {of: 'repository', quota: 100, held: 100, wanted: 1});
		t.is(await records.findBlob(one, more), undefined);
		await t.throwsAsync(records.demandRoom(one, {quota, bytes: 1}), {instanceOf: QuotaExceededError});
		await t.notThrowsAsync(records.demandRoom(one, {quota, bytes: 0}));
		t.is(await records.release(one, big), 'released');
		await refused(one, more, quota, 'repository');
		t.is(await records.release(two, big), 'released');
		t.true(await hold(one, more, quota));
		t.false(await hold(one, digestOf(Buffer.from('nothing')), quota));
	});

	test(on('each image holds no more than its quota, whatever others hold'), async t => {
		const {stored, hold, refused} = await openWorld(t, database);
		const quota = {image: 50, repository: 100};
		const [first, second, third] = [await stored('1', 30), await stored('2', 30), await stored('3', 20)];
		await hold(one, first, quota);
		await refused(one, second, quota, 'image');
		await hold(two, second, quota);
		await hold(one, third, quota);
		t.true(await hold(two, third, quota));
		await refused(one, second, quota, 'image');
	});

	test(
		on('what is there already counts when a quota is set, and one that is too small lets nothing more in'),
		async t => {
			const {addBlob, records, image, stored, refused, hold} = await openWorld(t, database);
			const layer = await addBlob('x'.repeat(500));
			await addBlob('x'.repeat(500), two);
			const quota = {repository: 400};
			const more = await stored('more', 10);
			t.deepEqual(await refused(two, more, quota, 'repository'), {of: 'repository', quota: 400, held: 500, wanted: 10});
			t.true(await hold(two, layer, quota), 'it is held already');
			const manifest = manifestOf({text: 'manifest', layers: [layer]});
			const put = (rules: object) => records.putManifest(image, manifest, putOptions(['1'], {rules}));
			await t.throwsAsync(put({quota}), {instanceOf: QuotaExceededError});
			t.is((await put({quota: {repository: 500}})).outcome, 'stored');
		},
	);

	test(on('many who push at once hold no byte more than the quota'), async t => {
		const {stored, openAnother, id, records} = await openWorld(t, database);
		const stores = [await openAnother(), await openAnother()];
		const blobs = await Promise.all(Array.from({length: 24}, (_, index) => stored(`blob ${index}`, 10)));
		const quota = {repository: 95, image: 65};
		const results = await Promise.allSettled(
			blobs.map((blob, index) => {
				const store = stores[index % 2]!;
				return store.repository(id).hold(index % 3 === 0 ? one : two, 'main', blob, quota);
			}),
		);
		const held = results.filter(({status}) => status === 'fulfilled').length;
		for (const result of results) {
			if (result.status === 'rejected') {
				t.true(result.reason instanceof QuotaExceededError, String(result.reason));
			}
		}
		t.is(held, 9);
		const counts = await Promise.all(
			[one, two].map(
				async image => (await Promise.all(blobs.map(blob => records.findBlob(image, blob)))).filter(Boolean).length,
			),
		);
		t.is(counts[0]! + counts[1]!, 9);
		t.true(Math.max(...counts) <= 6);
	});

	test(on('what the collection lets go, or is deleted, is room again'), async t => {
		const {stored, hold, refused, store, records, id} = await openWorld(t, database);
		const quota = {repository: 50, image: 50};
		const [first, second] = [await stored('1', 50), await stored('2', 50)];
		await hold(one, first, quota);
		await records.putManifest(one, manifestOf({text: 'm', layers: [first]}), putOptions(['1']));
		await refused(one, second, quota, 'repository');
		await store.blobs.releaseUnreferenced(new Date(Date.now() + 60_000), 100);
		await refused(one, second, quota, 'repository');
		await records.deleteManifest(one, manifestOf({text: 'm'}).digest);
		await store.blobs.releaseUnreferenced(new Date(Date.now() + 60_000), 100);
		// That of the other repository went too.
		const third = await stored('3', 50);
		t.true(await hold(one, third, quota));
		t.true(await store.definitions.delete(id));
		t.is((await store.definitions.list()).length, 1);
	});

	test(on('counting anew mends what was missed while counting began'), async t => {
		const {stored, hold, records, refused, addBlob} = await openWorld(t, database);
		const quota = {repository: 100, image: 100};
		await hold(one, await stored('1', 60), quota);
		await addBlob('2'.repeat(40), two);
		const more = await stored('m', 1);
		await refused(two, more, quota, 'repository');
		await records.recountHeld();
		t.is((await refused(two, more, quota, 'repository')).held, 100);
		await records.release(two, digestOf(Buffer.from('2'.repeat(40))));
		await records.recountHeld();
		t.true(await hold(two, more, quota));
	});

	test(on('totals are exact after holds have begun, ended and moved at once'), async t => {
		const {stored, hold, records, store, openAnother, id, refused} = await openWorld(t, database);
		const stores = [store, await openAnother()];
		const quota = {repository: 1_000_000, image: 1_000_000};
		const blobs = await Promise.all(Array.from({length: 12}, (_, index) => stored(`blob ${index}`, 10 + index)));
		await hold(one, blobs[0]!, quota);
		await hold(two, blobs[0]!, quota);
		const promote = (on: MetadataStore) =>
			on.promotions.promote({
				from: {repository: id, image: one},
				to: {repository: id, image: two},
				copy: true,
				by: 'promoter',
				mayMoveTags: true,
				storage: 'main',
				rules: {target: {quota}},
			});
		const work = Array.from({length: 24}, (_, index) => async () => {
			const on = stores[index % 2]!;
			const [blob, image] = [blobs[(index * 7) % 12]!, index % 3 === 0 ? one : two];
			await on.repository(id).hold(image, 'main', blob, quota);
			if (index % 4 === 0) {
				const manifest = manifestOf({text: `manifest ${index}`, layers: [blob]});
				await on
					.repository(id)
					.putManifest(image, manifest, putOptions([`t${index % 5}`], {rules: {tagRetention: 1, quota}}));
			}
			await (index % 5 === 0 ? promote(on) : on.repository(id).release(image, blob));
			if (index % 12 === 0) {
				await on.blobs.releaseUnreferenced(new Date(Date.now() + 60_000), 5);
			}
		});
		await Promise.all(work.map(async run => run()));
		const more = await stored('more', 2_000_000);
		const held = async () => {
			const ofRepository = (await refused(one, more, {repository: 1_000_000}, 'repository')).held;
			const ofImages = [await refused(one, more, {image: 1}, 'image'), await refused(two, more, {image: 1}, 'image')];
			return [ofRepository, ...ofImages.map(excess => excess.held)];
		};
		const counted = await held();
		await records.recountHeld();
		t.deepEqual(await held(), counted);
		t.true(counted[0]! > 0);
	});

	test(on('a promotion takes no more into the target than its quota'), async t => {
		const {store, addBlob, records, image, id} = await openWorld(t, database);
		const layer = await addBlob('x'.repeat(80));
		await records.putManifest(image, manifestOf({text: 'm', layers: [layer]}), putOptions(['1']));
		const {id: target} = await addRepository(store, 'target');
		const promote = (quota: Quota) =>
			store.promotions.promote({
				from: {repository: id, image},
				to: {repository: target, image: one},
				copy: true,
				by: 'promoter',
				mayMoveTags: true,
				storage: 'main',
				rules: {target: {quota}},
			});
		await t.throwsAsync(promote({image: 79}), {instanceOf: QuotaExceededError});
		t.deepEqual((await store.repository(target).listImages({limit: 1})).items, []);
		t.is((await promote({image: 80})).outcome, 'promoted');
	});
}
