import {randomUUID} from 'node:crypto';
import {type Json, type UploadRecord, digestOf} from '@stowage/core';
import {databases} from '@stowage/test-servers/databases';
import {
	type MetadataWorld,
	addRepository,
	manifestOf,
	openMetadataWorld,
	putOptions,
} from '@stowage/test-servers/metadata-world';
import test from 'ava';

/** Texts that a database may take for one another. */
const alike = ['x', 'X', 'x ', ' x', '\u00e9', 'e\u0301', 'e', 'ß', 'ss', '😀', '😁', 'x\u0000', ''];

const values: readonly Json[] = [null, false, 0, -1.5, '', 'é😀"\\\n', [], [1, [null]], {a: {b: ['c']}}];

function uploadOf(world: MetadataWorld, parts: Partial<UploadRecord> = {}): UploadRecord {
	const now = new Date();
	return {
		id: randomUUID(),
		repository: world.repositoryId,
		image: world.image,
		storage: 'main',
		state: {key: `uploads/${randomUUID()}`, offset: 0},
		version: 1,
		startedBy: 'somebody',
		startedAt: now,
		updatedAt: now,
		...parts,
	};
}

for (const database of databases()) {
	const on = (title: string) => `${database.name}: ${title}`;

	test(on('names are compared byte by byte everywhere'), async t => {
		const {store, records, repositoryId} = await openMetadataWorld(t, database);
		for (const name of alike) {
			await store.users.insert({name, admin: false, disabled: false});
			await store.settings.set(name, name);
			await records.setValue(name, name);
			await addRepository(store, name);
			await store.blobs.insert({digest: digestOf(Buffer.from(name)), size: 1, storage: name, key: 'blobs/1'});
		}
		for (const name of alike) {
			t.is((await store.users.find(name))?.name, name);
			t.is(await store.settings.find(name), name);
			t.is(await store.repository(repositoryId).getValue(name), name);
			t.is((await store.definitions.find(name))?.key, name);
			t.deepEqual(await store.blobs.findKeys(name, ['blobs/1']), new Set(['blobs/1']));
		}
		t.is(await store.users.find('y'), undefined);
		const keys = (await store.definitions.list()).map(definition => definition.key);
		const sorted = [...alike, 'docker-local'].toSorted((one, other) =>
			Buffer.compare(Buffer.from(one), Buffer.from(other)),
		);
		t.deepEqual(keys, sorted);
	});

	test(on('JSON comes back as it was stored'), async t => {
		const {store, records} = await openMetadataWorld(t, database);
		for (const value of values) {
			await store.settings.set('name', value);
			t.deepEqual(await store.settings.find('name'), value);
			await records.setValue('name', value);
			t.deepEqual(await records.getValue('name'), value);
		}
		t.is(await store.settings.find('none'), undefined);
		t.is(await records.getValue('none'), undefined);
	});

	test(on('a setting that is inserted once stays what the first made it'), async t => {
		const {store, openAnother} = await openMetadataWorld(t, database);
		const another = await openAnother();
		const all = await Promise.all(
			Array.from({length: 20}, (_, index) => (index % 2 === 0 ? store : another).settings.insertOnce('key', index)),
		);
		t.is(new Set(all).size, 1);
		t.is<unknown, unknown>(await store.settings.insertOnce('key', 'late'), all[0]);
		await store.settings.set('key', 'changed');
		t.is(await another.settings.find('key'), 'changed');
	});

	test(on('a definition has a number of its own, a version, and changes the revision'), async t => {
		const {store} = await openMetadataWorld(t, database);
		const revisions = [await store.definitions.revision()];
		const options = {depth: 1, list: ['é']};
		const made = await store.definitions.insert({
			key: 'new',
			type: 'remote',
			storage: 'cold',
			description: 'Über uns',
			options,
		});
		t.is(made.version, 1);
		t.deepEqual(await store.definitions.find('new'), made);
		revisions.push(await store.definitions.revision());

		const changed = await store.definitions.update({...made, key: 'renamed', options: {}});
		t.is(changed.version, 2);
		t.deepEqual(await store.definitions.find('renamed'), changed);
		t.is(await store.definitions.find('new'), undefined);
		revisions.push(await store.definitions.revision());

		t.true(await store.definitions.delete(made.id));
		t.false(await store.definitions.delete(made.id));
		revisions.push(await store.definitions.revision());
		t.is(new Set(revisions).size, 4);
		t.true((await addRepository(store, 'renamed')).id > made.id);
	});

	test(on('a definition is not changed from an old version, and its key not taken twice'), async t => {
		const {store} = await openMetadataWorld(t, database);
		const made = await store.definitions.find('docker-local');
		await store.definitions.update({...made!, description: 'first'});
		await t.throwsAsync(store.definitions.update({...made!, description: 'second'}), {code: 'CONFLICT'});
		t.is((await store.definitions.find('docker-local'))?.description, 'first');
		await t.throwsAsync(addRepository(store, 'docker-local'), {code: 'CONFLICT'});
		await addRepository(store, 'other');
		const other = await store.definitions.find('other');
		await t.throwsAsync(store.definitions.update({...other!, key: 'docker-local'}), {code: 'CONFLICT'});
		t.is((await store.definitions.list()).length, 2);
	});

	test(on('a repository is deleted with all that is in it, and nothing of another one'), async t => {
		const world = await openMetadataWorld(t, database);
		const {store, repositoryId, records, image, addBlob} = world;
		const layer = await addBlob('layer');
		const other = await addRepository(store, 'other');
		for (const id of [repositoryId, other.id]) {
			await store.repository(id).hold(image, 'main', layer);
			const child = manifestOf({text: 'm', layers: [layer]});
			await store.repository(id).putManifest(image, child, putOptions(['v1']));
			await store.repository(id).putManifest(image, manifestOf({text: 'i', entries: [child.digest]}), putOptions());
			await store.repository(id).setValue('name', 1);
		}
		const upload = uploadOf(world);
		await store.uploads.insert(upload);
		t.true(await store.definitions.delete(repositoryId));

		t.deepEqual(await records.listImages({limit: 5}), {items: []});
		t.is(await records.getValue('name'), undefined);
		t.is(await records.findBlob(image, layer), undefined);
		t.is(await store.uploads.find(upload.id), undefined);
		t.deepEqual(await store.repository(other.id).listImages({limit: 5}), {items: [image]});
		t.is(await store.repository(other.id).getValue('name'), 1);
		t.is((await store.definitions.list()).length, 1);
	});

	test(on('writing to a repository that is gone is a conflict, and reading finds nothing'), async t => {
		const world = await openMetadataWorld(t, database);
		const {store, repositoryId, records, image, addBlob} = world;
		const layer = await addBlob('layer');
		await store.definitions.delete(repositoryId);
		const conflict = {code: 'CONFLICT'};
		await t.throwsAsync(records.putManifest(image, manifestOf({text: 'm'}), putOptions()), conflict);
		await t.throwsAsync(records.hold(image, 'main', layer), conflict);
		await t.throwsAsync(records.setValue('name', 1), conflict);
		await t.throwsAsync(store.uploads.insert(uploadOf(world)), conflict);
		t.is(await records.listTags(image, {limit: 5}), undefined);
	});

	test(on('an upload comes back as it was stored, with the driver’s own state'), async t => {
		const world = await openMetadataWorld(t, database);
		const {uploads} = world.store;
		const plain = uploadOf(world);
		await uploads.insert(plain);
		t.deepEqual(await uploads.find(plain.id), plain);
		for (const data of values) {
			const upload = uploadOf(world, {
				state: {key: 'uploads/1', offset: 2 ** 50, data},
				digestSoFar: digestOf(Buffer.from('x'), 'sha512'),
				claimedUntil: new Date(),
			});
			await uploads.insert(upload);
			t.deepEqual(await uploads.find(upload.id), upload);
		}
		t.is(await uploads.find(randomUUID()), undefined);
		await t.throwsAsync(uploads.insert(plain), {code: 'CONFLICT'});
	});

	test(on('one of two saves of an upload from one version wins'), async t => {
		const world = await openMetadataWorld(t, database);
		const {uploads} = world.store;
		const upload = uploadOf(world, {updatedAt: new Date(1000), digestSoFar: digestOf(Buffer.from('x'))});
		await uploads.insert(upload);
		const saves = await Promise.allSettled(
			[1, 2, 3, 4].map(offset => uploads.save({...upload, digestSoFar: undefined, state: {...upload.state, offset}})),
		);
		const won = saves.filter(save => save.status === 'fulfilled').map(save => save.value);
		t.is(won.length, 1);
		t.is(won[0]?.version, 2);
		t.true(won[0]!.updatedAt > upload.updatedAt);
		t.deepEqual(await uploads.find(upload.id), JSON.parse(JSON.stringify(won[0]), revive));
		for (const save of saves) {
			t.true(save.status === 'fulfilled' || (save.reason as {code?: string}).code === 'CONFLICT');
		}
		await uploads.delete(upload.id);
		await uploads.delete(upload.id);
		await t.throwsAsync(uploads.save(won[0]!), {code: 'CONFLICT'});
	});

	test(on('idle uploads come oldest first, and uploads are counted by user'), async t => {
		const world = await openMetadataWorld(t, database);
		const {uploads} = world.store;
		for (const time of [3000, 1000, 2000]) {
			await uploads.insert(uploadOf(world, {updatedAt: new Date(time), startedBy: time === 3000 ? 'Other' : 'other'}));
		}
		const idle = await uploads.findIdle(new Date(3000), 10);
		t.deepEqual(
			idle.map(upload => upload.updatedAt.getTime()),
			[1000, 2000],
		);
		t.is((await uploads.findIdle(new Date(5000), 1)).length, 1);
		t.is(await uploads.countStartedBy('other'), 2);
		t.is(await uploads.countStartedBy('nobody'), 0);
		const keys = idle.map(upload => upload.state.key);
		t.deepEqual([...(await uploads.findKeys('main', [...keys, 'uploads/none']))].toSorted(), keys.toSorted());
		t.deepEqual(await uploads.findKeys('cold', keys), new Set());
	});

	test(on('a user is inserted once and changed from the stored version only'), async t => {
		const {users} = (await openMetadataWorld(t, database)).store;
		const made = await users.insert({name: 'admin', admin: true, disabled: false, passwordHash: '$argon2id$v=19$x'});
		t.deepEqual(await users.find('admin'), made);
		await t.throwsAsync(users.insert({name: 'admin', admin: false, disabled: false}), {code: 'CONFLICT'});
		const changed = await users.update({...made, admin: false, disabled: true, passwordHash: undefined});
		t.like(await users.find('admin'), {admin: false, disabled: true, version: 2});
		t.is((await users.find('admin'))?.passwordHash, undefined);
		await t.throwsAsync(users.update(made), {code: 'CONFLICT'});
		t.is((await users.update(changed)).version, 3);
	});

	test(on('a job is claimed by one at a time, and not again before its interval has passed'), async t => {
		const {store, openAnother} = await openMetadataWorld(t, database);
		const another = await openAnother();
		const claim = {name: 'sweep', leaseMs: 60_000, intervalMs: 200};
		const claims = await Promise.all(
			Array.from({length: 20}, (_, index) =>
				(index % 2 === 0 ? store : another).jobs.claim({...claim, owner: `owner ${index}`}),
			),
		);
		t.is(claims.filter(Boolean).length, 1);
		const owner = `owner ${claims.indexOf(true)}`;
		t.true(await store.jobs.renew('sweep', owner, 60_000));
		t.true(await store.jobs.renew('sweep', owner, 60_000));
		t.false(await store.jobs.renew('sweep', 'another', 60_000));
		await store.jobs.finish('sweep', 'another');
		t.true(await store.jobs.renew('sweep', owner, 60_000));
		await store.jobs.finish('sweep', owner, 'it failed');
		t.false(await store.jobs.renew('sweep', owner, 60_000));
		t.false(await store.jobs.claim({...claim, intervalMs: 60_000, owner}));
		await new Promise(resolve => setTimeout(resolve, 250));
		t.true(await another.jobs.claim({...claim, owner: 'next'}));
	});

	test(on('a job whose lease has run out goes to the next who asks'), async t => {
		const {jobs} = (await openMetadataWorld(t, database)).store;
		t.true(await jobs.claim({name: 'sweep', owner: 'dead', leaseMs: 1_500, intervalMs: 0}));
		t.false(await jobs.claim({name: 'sweep', owner: 'next', leaseMs: 1_500, intervalMs: 0}));
		await new Promise(resolve => setTimeout(resolve, 1_600));
		t.true(await jobs.claim({name: 'sweep', owner: 'next', leaseMs: 60_000, intervalMs: 0}));
		t.false(await jobs.renew('sweep', 'dead', 60_000));
	});
}

function revive(key: string, value: unknown): unknown {
	return key.endsWith('At') ? new Date(value as string) : value;
}
