import {mkdtemp, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {setImmediate} from 'node:timers/promises';
import {
	ImageMigration,
	type MigrateImagesOptions,
	OptionsValidator,
	PluginSet,
	RegistryError,
	type Repository,
	everythingCaller,
	parseImageName,
} from '@stowage/core';
import {openMetadata} from '@stowage/core/metadata';
import {type TestDatabase, databases} from '@stowage/test-servers/databases';
import {createTestHost, silentLogger} from '@stowage/testing';
import {virtualType} from '@stowage/virtual';
import test, {type ExecutionContext} from 'ava';
import plugin from '../index.ts';
import {openMigrationWorld, pullImage} from './fixtures/migration-world.ts';
import {pushImages} from './fixtures/push-images.ts';
import {V1Registry, emptyLayer, fileLayer} from './fixtures/v1-registry.ts';
import {writeRegistryFolder} from './fixtures/write-registry-folder.ts';
import {V1Migration} from './v1-migration.ts';

const caller = everythingCaller('migrator');

async function open(t: ExecutionContext, database: TestDatabase) {
	const {options, cleanup} = await database.open();
	const metadata = await openMetadata(options);
	const host = await createTestHost({
		metadata,
		types: [virtualType],
		repositories: {
			new: {},
			old: {options: {dockerApiVersion: 'V1'}},
			all: {type: 'virtual', options: {repositories: ['new'], defaultDeploymentRepo: 'new'}},
			shown: {type: 'virtual', options: {repositories: ['new']}},
		},
	});
	t.teardown(async () => {
		await host.close();
		await metadata.close();
		await cleanup();
	});
	const {repositories} = host;
	const old = await repositories.get('old');
	const named = [{named: 'v1', exported: plugin, options: {migration: {parallel: 3}}}];
	const {plugins} = PluginSet.check(named, new OptionsValidator());
	const migration = new ImageMigration({metadata, repositories, migrations: plugins?.migrations ?? new Map()});
	const demanded: string[] = [];
	const common: MigrateImagesOptions = {
		caller,
		logger: silentLogger,
		demand: (...words) => void demanded.push(words.filter(word => word !== undefined).join(' ')),
	};
	return {
		...host,
		old: old as Repository,
		demanded,
		migrate: (from: string, to: string, more: Partial<MigrateImagesOptions> = {}) =>
			migration.migrate(
				'v1',
				{from: from.startsWith('/') ? {folder: from} : {repository: from}, to},
				{...common, ...more},
			),
		migrateAs: (type: string) => migration.migrate(type, {from: {repository: 'old'}, to: 'new'}, common),
	};
}

function fill(registry: V1Registry): V1Registry {
	const base = registry.add({layer: fileLayer('base', 'base')});
	const empty = registry.add({parent: base, layer: emptyLayer});
	const top = registry.add({parent: empty, layer: fileLayer('top', 'top')});
	for (const tag of ['1', '2', '3', '4', 'latest']) {
		registry.tag('library/app', tag, tag === '1' ? base : top);
	}
	return registry;
}

function mayReadApp(action: string, _: string, image?: string): boolean {
	return action !== 'read' || image === 'library/app';
}

for (const database of databases()) {
	const on = (title: string) => `${database.name}: ${title}`;

	test(on('what engines pushed to a V1 repository is brought to another, and stays where it was'), async t => {
		const {old, migrate, repository, metadata, demanded} = await open(t, database);
		const registry = fill(new V1Registry());
		await pushImages(old, registry, 'library/app');
		const {tags, failed, layers} = await migrate('old', 'all');
		t.deepEqual([failed, layers], [[], 3]);
		t.deepEqual(
			tags.map(({image, tag}) => `${image}:${tag}`),
			['1', '2', '3', '4', 'latest'].map(tag => `app:${tag}`),
		);
		t.deepEqual(demanded, ['read old', 'write all', 'write new']);
		t.deepEqual((await pullImage(repository, 'app', 'latest')).layers, [
			fileLayer('base', 'base'),
			fileLayer('top', 'top'),
		]);
		t.is((await old.v1!.listTags(parseImageName('library/app'), {limit: 10}))?.items.length, 5);
		const again = await migrate('old', 'new', {image: 'app'});
		t.true(again.tags.every(({unchanged}) => unchanged));
		t.is(again.layers, 0);
		t.is(demanded.at(-1), 'write new app');
		const [usage] = await metadata.usage.storages();
		t.is(usage?.blobs, 3 + 2, 'gzip is the blob that it was');
	});

	test(on('the folder and the repository that holds the same images give the same digests'), async t => {
		const {old, migrate} = await open(t, database);
		const registry = fill(new V1Registry());
		await pushImages(old, registry, 'library/app');
		const folder = await mkdtemp(join(tmpdir(), 'stowage-v1-folder-'));
		t.teardown(() => rm(folder, {recursive: true, force: true}));
		await writeRegistryFolder(folder, registry);
		const [one, other] = [await migrate(folder, 'new'), await migrate('old', 'new')];
		t.deepEqual(
			other.tags.map(({digest, unchanged}) => [digest, unchanged]),
			one.tags.map(({digest}) => [digest, true]),
		);
	});

	test(on('only what the caller may read is brought over'), async t => {
		const {old, migrate} = await open(t, database);
		await pushImages(old, fill(new V1Registry()), 'library/app');
		const secret = new V1Registry('secret');
		secret.tag('team/secret', '1', secret.add({layer: fileLayer('secret', 'secret')}));
		await pushImages(old, secret, 'team/secret');
		const may = mayReadApp;
		const {tags} = await migrate('old', 'new', {caller: {...caller, admin: false, may}});
		t.deepEqual([...new Set(tags.map(({image}) => String(image)))], ['app']);
		await t.throwsAsync(migrate('old', 'new', {image: 'team/secret', caller: {...caller, admin: false, may}}), {
			code: 'NAME_UNKNOWN',
		});
	});
}

test('what is asked of the caller is asked before it is looked what there is', async t => {
	const {migrate} = await open(t, databases()[0]!);
	for (const refused of ['read none', 'write nowhere']) {
		const demand = (action: string, repository: string) => {
			if (`${action} ${repository}` === refused) {
				throw new RegistryError('DENIED', refused);
			}
		};
		await t.throwsAsync(migrate('none', 'nowhere', {demand}), {message: refused});
	}
});

test('what cannot be brought over at all is refused with the reason', async t => {
	const {migrate, migrateAs} = await open(t, databases()[0]!);
	await t.throwsAsync(migrate('none', 'new'), {code: 'NAME_UNKNOWN', message: /"none"/});
	await t.throwsAsync(migrate('old', 'none'), {code: 'NAME_UNKNOWN', message: /"none"/});
	await t.throwsAsync(migrate('new', 'new'), {code: 'UNSUPPORTED', message: /its dockerApiVersion is not V1/});
	await t.throwsAsync(migrate('old', 'old'), {code: 'UNSUPPORTED', message: /speaks Docker's first API alone/});
	await t.throwsAsync(migrate('old', 'shown'), {code: 'UNSUPPORTED', message: /without a defaultDeploymentRepo/});
	await t.throwsAsync(migrate('old', 'new', {image: '../x'}), {code: 'NAME_INVALID'});
	await t.throwsAsync(migrate('old', 'new', {image: 'none'}), {code: 'NAME_UNKNOWN'});
	await t.throwsAsync(migrate('/nowhere', 'new'), {code: 'ENOENT'});
	await t.throwsAsync(migrateAs('v0'), {code: 'UNSUPPORTED', message: 'no plugin of this server migrates v0'});
	t.deepEqual((await migrate('old', 'new')).tags, []);
});

test('as many tags as the options say are on their way at a time, however many migrate', async t => {
	const {repository, values} = await openMigrationWorld(t);
	const folder = await mkdtemp(join(tmpdir(), 'stowage-v1-folder-'));
	t.teardown(() => rm(folder, {recursive: true, force: true}));
	await writeRegistryFolder(folder, fill(new V1Registry()));
	let [running, most] = [0, 0];
	const counted = {
		getValue: async (name: string) => {
			running += 1;
			most = Math.max(most, running);
			await setImmediate();
			running -= 1;
			return values.getValue(name);
		},
		setValue: values.setValue.bind(values),
	};
	const common = {target: repository, values: counted, caller, demand: () => undefined, logger: silentLogger};
	const migration = new V1Migration();
	const limits = {form: 'docker', maxLayerBytes: 1_000_000, maxExpansion: 100} as const;
	const options = {migration: {...limits, parallel: 1}};
	const begin = () => migration.migrate({...common, source: {folder}, dryRun: true}, options);
	const reports = await Promise.all([begin(), begin(), begin()]);
	t.deepEqual([most, ...reports.map(({tags}) => tags.length)], [1, 5, 5, 5]);
});
