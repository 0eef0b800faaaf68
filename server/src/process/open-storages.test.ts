import {type StorageDriverType, createMemoryDriver} from '@stowage/core';
import {silentLogger} from '@stowage/testing';
import test, {type ExecutionContext} from 'ava';
import {openStorages} from './open-storages.ts';

/** What happened, in order. */
function openWorld(t: ExecutionContext) {
	const happened: string[] = [];
	const watched = (name: string) =>
		Object.assign(createMemoryDriver(), {
			async close() {
				happened.push(`close ${name}`);
			},
		});
	const plain: StorageDriverType = {
		type: 'plain',
		options: {type: 'object'},
		async create(_options, {name}) {
			happened.push(`open ${name}`);
			return watched(name);
		},
	};
	const made: StorageDriverType<{of: string[]}> = {
		type: 'made',
		options: {type: 'object'},
		dependencies: ({of}) => of,
		async create({of}, {name, storages}) {
			happened.push(`open ${name}`);
			t.deepEqual([...(storages?.keys() ?? [])], of);
			await Promise.all(of.map(async part => storages?.get(part)?.check()));
			return watched(name);
		},
	};
	const storageDrivers = new Map<string, StorageDriverType>([
		['plain', plain],
		['made', made],
	]);
	return {
		happened,
		open: async (storages: Readonly<Record<string, string[]>>, names?: readonly string[]) => {
			const configured = Object.entries(storages).map(([name, of]) => [
				name,
				of.length === 0 ? {driver: 'plain', options: {}} : {driver: 'made', options: {of}},
			]);
			await using opened = new AsyncDisposableStack();
			const configuration = {
				storages: Object.fromEntries(configured) as Record<string, {driver: string; options: object}>,
			};
			const made = await openStorages({configuration, plugins: {storageDrivers}, logger: silentLogger, names}, opened);
			return [...made.keys()];
		},
	};
}

test('what a storage is made of is opened before it and closed after it, and is nobody else\u2019s', async t => {
	const {happened, open} = openWorld(t);
	t.deepEqual(await open({top: ['middle', 'fast'], middle: ['slow'], slow: [], fast: [], other: []}), ['top', 'other']);
	const before = (one: string, two: string) => t.true(happened.indexOf(one) < happened.indexOf(two), `${one}, ${two}`);
	t.is(happened.length, 10);
	before('open slow', 'open middle');
	before('open middle', 'open top');
	before('open fast', 'open top');
	before('close top', 'close middle');
	before('close middle', 'close slow');
	before('close top', 'close fast');
});

test('only what is asked for is opened, with what it is made of', async t => {
	const {happened, open} = openWorld(t);
	t.deepEqual(await open({top: ['slow'], slow: [], other: []}, ['top']), ['top']);
	t.deepEqual(happened, ['open slow', 'open top', 'close top', 'close slow']);
});
