import {digestOf} from '@stowage/core';
import {databases} from '@stowage/test-servers/databases';
import {manifestOf, openMetadataWorld, putOptions, tagged} from '@stowage/test-servers/metadata-world';
import test from 'ava';
import {openMetadata} from '../open-metadata.ts';

for (const database of databases()) {
	const on = (title: string) => `${database.name}: ${title}`;

	test(on('all of a transaction is there, or nothing'), async t => {
		const {store, openAnother} = await openMetadataWorld(t, database);
		const another = await openAnother();
		await store.transaction(async inner => {
			await inner.settings.set('a', 1);
			t.is(await inner.settings.find('a'), 1);
			t.is(await another.settings.find('a'), undefined);
			t.is(await store.settings.find('a'), undefined);
			await inner.settings.set('b', 2);
		});
		t.is(await another.settings.find('a'), 1);
		const failure = new Error('not this time');
		const failed = store.transaction(async inner => {
			await inner.settings.set('a', 10);
			await inner.settings.set('c', 3);
			throw failure;
		});
		t.is(await t.throwsAsync(failed), failure);
		t.is(await store.settings.find('a'), 1);
		t.is(await store.settings.find('c'), undefined);
	});

	test(on('what is asked once the store is closed fails at once, and what had begun is stored'), async t => {
		const {store, openAnother} = await openMetadataWorld(t, database);
		const another = await openAnother();
		const begun = Promise.withResolvers<void>();
		const goOn = Promise.withResolvers<void>();
		const transaction = another.transaction(async inner => {
			await inner.settings.set('a', 1);
			begun.resolve();
			await goOn.promise;
			await inner.settings.set('b', 2);
		});
		await begun.promise;
		const closed = another.close();
		const late = [another.settings.set('c', 3), another.transaction(inner => inner.settings.set('c', 3))];
		for (const error of await Promise.all(late.map(asked => t.throwsAsync(asked)))) {
			t.like(error, {code: 'DATABASE_CLOSED'});
		}
		goOn.resolve();
		await Promise.all([transaction, closed]);
		t.deepEqual([await store.settings.find('b'), await store.settings.find('c')], [2, undefined]);
	});

	test(on('a conflict within a transaction can be caught, and the rest is stored'), async t => {
		const {store} = await openMetadataWorld(t, database);
		await store.users.insert({name: 'taken', admin: false, disabled: false});
		await store.transaction(async inner => {
			await inner.settings.set('a', 1);
			await t.throwsAsync(inner.users.insert({name: 'taken', admin: false, disabled: false}), {code: 'CONFLICT'});
			await inner.settings.set('b', 2);
		});
		t.is(await store.settings.find('a'), 1);
		t.is(await store.settings.find('b'), 2);
	});

	test(on('a transaction in a transaction is a part of it'), async t => {
		const {store} = await openMetadataWorld(t, database);
		await t.throwsAsync(
			store.transaction(async outer => {
				await outer.transaction(inner => inner.settings.set('a', 1));
				throw new Error('stop');
			}),
		);
		t.is(await store.settings.find('a'), undefined);
	});

	test(on('everything can be read and written within a transaction'), async t => {
		const {store, repositoryId, image} = await openMetadataWorld(t, database);
		await store.transaction(async inner => {
			const records = inner.repository(repositoryId);
			const layer = digestOf(Buffer.from('layer'));
			t.true(await inner.blobs.insert({digest: layer, size: 1, storage: 'main', key: 'blobs/1'}));
			t.false(await inner.blobs.insert({digest: layer, size: 1, storage: 'main', key: 'blobs/2'}));
			t.true(await records.hold(image, 'main', layer));
			const manifest = manifestOf({text: 'm', layers: [layer]});
			t.is((await records.putManifest(image, manifest, putOptions(['v1']))).outcome, 'stored');
			t.is((await records.findManifest(image, tagged('v1')))?.manifest.digest, manifest.digest);
			t.not(await records.findBlob(image, layer), undefined);
			t.is((await records.listTags(image, {limit: 5}))?.items.length, 1);
			t.is((await records.listImages({limit: 5})).items.length, 1);
			t.true((await inner.definitions.revision()) > 0);
			t.is((await inner.definitions.list()).length, 1);
			await inner.check();
		});
		t.is((await store.repository(repositoryId).listTags(image, {limit: 5}))?.items.length, 1);
	});

	test(on('transactions that change one row after reading it do so one after the other'), async t => {
		const {store, openAnother} = await openMetadataWorld(t, database);
		const stores = [store, await openAnother()];
		await store.settings.set('count', 0);
		await Promise.all(
			Array.from({length: 20}, (_, index) =>
				stores[index % 2]!.transaction(async inner => {
					await inner.settings.set('lock', index);
					const count = (await inner.settings.find('count')) as number;
					await new Promise(resolve => setImmediate(resolve));
					await inner.settings.set('count', count + 1);
				}),
			),
		);
		t.is(await store.settings.find('count'), 20);
	});

	test(on('transactions that lock each other out are done again until all are stored'), async t => {
		const {store, openAnother} = await openMetadataWorld(t, database);
		const stores = [store, await openAnother()];
		let runs = 0;
		await Promise.all(
			Array.from({length: 16}, (_, index) =>
				stores[index % 2]!.transaction(async inner => {
					runs++;
					const [first, second] = index % 4 < 2 ? (['a', 'b'] as const) : (['b', 'a'] as const);
					await inner.settings.set(first, index);
					await new Promise(resolve => setTimeout(resolve, 1));
					await inner.settings.set(second, index);
					await inner.settings.set(`done ${index}`, true);
				}),
			),
		);
		for (let index = 0; index < 16; index++) {
			t.true(await store.settings.find(`done ${index}`));
		}
		t.is(await store.settings.find('a'), await store.settings.find('b'));
		t.true(runs >= 16);
	});

	test(on('a check that was aborted rejects with the reason'), async t => {
		const {store} = await openMetadataWorld(t, database);
		await store.check();
		const reason = new Error('the client left');
		t.is(await t.throwsAsync(store.check({signal: AbortSignal.abort(reason)})), reason);
	});
}

test('in memory nobody sees what a transaction has not stored yet', async t => {
	const store = await openMetadata({client: 'sqlite', file: ':memory:'});
	t.teardown(() => store.close());
	await store.settings.set('a', 1);
	let read: Promise<unknown> | undefined;
	await store.transaction(async inner => {
		await inner.settings.set('a', 2);
		read = store.settings.find('a');
		await new Promise(resolve => setImmediate(resolve));
		await inner.settings.set('a', 3);
	});
	t.is(await read, 3);
});

test('two stores in memory have nothing in common', async t => {
	const stores = [1, 2].map(() => openMetadata({client: 'sqlite', file: ':memory:'}));
	const [one, other] = await Promise.all(stores);
	t.teardown(() => one!.close());
	t.teardown(() => other!.close());
	await one!.settings.set('a', 1);
	t.is(await other!.settings.find('a'), undefined);
});

test('a file that cannot be opened, or is no database, rejects', async t => {
	await t.throwsAsync(openMetadata({client: 'sqlite', file: '/nowhere/at/all/metadata.db'}), {
		code: 'ERR_SQLITE_ERROR',
	});
	await t.throwsAsync(openMetadata({client: 'sqlite', file: import.meta.filename}), {code: 'ERR_SQLITE_ERROR'});
});

test('a server that does not answer rejects', async t => {
	const options = {client: 'mysql', host: '127.0.0.1', port: 1, user: 'root', database: 'none'} as const;
	await t.throwsAsync(openMetadata(options), {code: 'ECONNREFUSED'});
});
