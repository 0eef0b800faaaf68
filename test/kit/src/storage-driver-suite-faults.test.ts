import {mkdtemp, open, readFile, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {Readable} from 'node:stream';
import {type StorageDriver, type UploadBody, createMemoryBackend, createMemoryDriver} from '@stowage/core';
import test from 'ava';
import {storageDriverSuite} from './storage-driver-suite.ts';

/** What a driver may get wrong, and words of a case that has to notice. */
const faults: Readonly<
	Record<string, [overrides: (good: StorageDriver) => Partial<StorageDriver>, noticedBy: RegExp]>
> = {
	'reads the whole object whatever the range': [good => ({read: key => good.read(key)}), /the last byte/],
	'takes the end of a range as included': [
		good => ({
			read: (key, options) =>
				good.read(key, options?.range && {range: {start: options.range.start, end: options.range.end + 1}}),
		}),
		/the first byte/,
	],
	'gives a stream for a missing key': [
		good => ({read: async (key, options) => good.read(key, options).catch(() => Readable.from([]))}),
		/missing key rejects/,
	],
	'gives a copy of its own to who wants none': [
		good => ({
			read: async (key, options) => (options?.uncached === true ? Readable.from([]) : good.read(key, options)),
		}),
		/past copies is the same/,
	],
	'throws for a missing key when asked what there is': [
		good => ({
			async stat(key) {
				const object = await good.stat(key);
				return object ?? Promise.reject(new Error('no such key'));
			},
		}),
		/stat of what is not there/,
	],
	'loses the last byte of an append': [
		good => ({
			async appendUpload(state, body, options) {
				const next = await good.appendUpload(state, body, options);
				return {...next, offset: Math.max(state.offset, next.offset - 1)};
			},
		}),
		/comes back as it was stored/,
	],
	'changes the state that it was given': [
		good => ({
			async appendUpload(state, body, options) {
				const next = await good.appendUpload(state, body, options);
				return Object.assign(state, next);
			},
		}),
		/appends of sizes/,
	],
	'makes states that are no JSON': [
		good => ({
			async createUpload(key) {
				return {...(await good.createUpload(key)), data: new Date() as never};
			},
		}),
		/a new upload stands at zero/,
	],
	'takes a body that writes itself for the whole object': [
		good => ({
			async appendUpload(state, body: UploadBody, options) {
				if (body.writeInto === undefined) {
					return good.appendUpload(state, body, options);
				}
				const folder = await mkdtemp(join(tmpdir(), 'stowage-faults-'));
				try {
					await body.writeInto(() => open(join(folder, 'file'), 'w'));
					const bytes = await readFile(join(folder, 'file'));
					return await good.appendUpload({...state, offset: 0}, Readable.from([bytes]), options);
				} finally {
					await rm(folder, {recursive: true});
				}
			},
		}),
		/stored whole, first or later/,
	],
	'shows an upload before it is sealed': [
		good => ({
			async createUpload(key) {
				const state = await good.createUpload(key);
				await good.sealUpload(state);
				return good.createUpload(key);
			},
		}),
		/nothing is to be seen/,
	],
	'refuses to seal twice': [
		good => ({
			async sealUpload(state) {
				await ((await good.stat(state.key)) ? Promise.reject(new Error('sealed')) : good.sealUpload(state));
			},
		}),
		/again changes nothing/,
	],
	'refuses to delete what is gone': [
		good => ({
			async delete(key) {
				await ((await good.stat(key)) ? good.delete(key) : Promise.reject(new Error('no such key')));
			},
		}),
		/deleting it again is no error/,
	],
	'copies where it should move': [
		good => ({
			async move(from, to) {
				const state = await good.createUpload(to);
				await good.sealUpload(await good.appendUpload(state, await good.read(from)));
			},
		}),
		/is moved whole/,
	],
	'lists one page only': [
		good => ({
			async *list(prefix, options) {
				let left = 1_000;
				for await (const object of good.list(prefix, options)) {
					if (left > 0) {
						yield object;
					}
					left -= 1;
				}
			},
		}),
		/a list of 1200 objects/,
	],
	'lists by folders': [
		good => ({list: (prefix, options) => good.list(prefix.replace(/[^/]*$/, ''), options)}),
		/a prefix may end within a name/,
	],
	'does not mind signals': [
		good => ({
			appendUpload: (state, body) => good.appendUpload(state, body),
			stat: key => good.stat(key),
		}),
		/stalls after/,
	],
	'keeps what an aborted upload held': [good => ({abortUpload: () => good.check()}), /aborted/],
	'calls every failure unknown': [() => ({classify: () => 'unknown'}), /missing key rejects/],
};

for (const [title, [overrides, noticedBy]] of Object.entries(faults)) {
	test.serial(`the suite notices a driver that ${title}`, async t => {
		const failed = await failedCases(good =>
			Object.assign(Object.create(good) as StorageDriver, bound(good), overrides(good)),
		);
		t.true(
			failed.some(name => noticedBy.test(name)),
			`noticed by: ${failed.join('; ')}`,
		);
	});
}

test.serial('a driver without fault passes under the same conditions', async t => {
	t.deepEqual(await failedCases(good => good), []);
});

/** Titles of the cases that fail on what `make` makes of a good driver. */
async function failedCases(make: (good: StorageDriver) => StorageDriver): Promise<readonly string[]> {
	const cases: {readonly title: string; readonly run: (t: unknown) => Promise<void>}[] = [];
	const backend = createMemoryBackend();
	storageDriverSuite({
		test: (title, run) => cases.push({title, run}),
		open: async () => make(createMemoryDriver(backend)),
		partSize: 10_000,
		listedObjects: 1_200,
		uploadsAtOnce: 5,
		largeObjectSize: 1_000_000,
		settleMilliseconds: 100,
	});
	const failed: string[] = [];
	for (const {title, run} of cases) {
		await run(undefined).catch(() => failed.push(title));
	}
	return failed;
}

/** The methods of a driver as members of their own, for its private parts cannot be reached through another object. */
function bound(good: StorageDriver): Omit<StorageDriver, 'signedUrl' | 'localPath'> {
	return {
		check: good.check.bind(good),
		stat: good.stat.bind(good),
		read: good.read.bind(good),
		list: good.list.bind(good),
		move: good.move.bind(good),
		delete: good.delete.bind(good),
		createUpload: good.createUpload.bind(good),
		appendUpload: good.appendUpload.bind(good),
		sealUpload: good.sealUpload.bind(good),
		abortUpload: good.abortUpload.bind(good),
		classify: good.classify.bind(good),
		close: good.close.bind(good),
	};
}
