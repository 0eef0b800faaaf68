import assert from 'node:assert/strict';
import {randomUUID} from 'node:crypto';
import type {Readable} from 'node:stream';
import {buffer} from 'node:stream/consumers';
import type {Abortable, ByteRange, StorageDriver, StoredObject, UploadState} from '@stowage/core';
import {inOddPieces} from './bodies.ts';

/** What one case works on: a prefix of its own on the backend, and a fresh driver for every call. */
export class SuiteWorld {
	readonly prefix = `suite/${randomUUID()}`;
	readonly #open: () => Promise<StorageDriver>;
	readonly #started = new Map<string, UploadState>();

	constructor(open: () => Promise<StorageDriver>) {
		this.#open = open;
	}

	key(name: string): string {
		return `${this.prefix}/${name}`;
	}

	/** Runs `use` with a driver that nobody else has used, and closes it. */
	async using<Result>(use: (driver: StorageDriver) => Promise<Result>): Promise<Result> {
		const driver = await this.#open();
		try {
			return await use(driver);
		} finally {
			await driver.close();
		}
	}

	stat(key: string, options?: Abortable): Promise<StoredObject | undefined> {
		return this.using(driver => driver.stat(key, options));
	}

	/** All bytes of an object, or of a range of it. */
	bytes(key: string, range?: ByteRange): Promise<Buffer> {
		return this.using(async driver => buffer(await driver.read(key, {range})));
	}

	list(prefix: string, options?: Abortable): Promise<StoredObject[]> {
		return this.using(driver => everyOf(driver.list(prefix, options)));
	}

	move(from: string, to: string, options?: Abortable): Promise<void> {
		return this.using(driver => driver.move(from, to, options));
	}

	delete(key: string): Promise<void> {
		return this.using(driver => driver.delete(key));
	}

	create(key: string, options?: Abortable): Promise<UploadState> {
		return this.using(async driver => this.kept(await driver.createUpload(key, options)));
	}

	/** The state that was given must come out of it unchanged, as the caller may go on from it. */
	append(state: UploadState, body: Readable, options?: Abortable): Promise<UploadState> {
		return this.using(async driver => {
			const before = JSON.stringify(state);
			try {
				return this.kept(await driver.appendUpload(state, body, options));
			} finally {
				assert.equal(JSON.stringify(state), before, 'the driver changed the state that it was given');
			}
		});
	}

	seal(state: UploadState, options?: Abortable): Promise<void> {
		return this.using(driver => driver.sealUpload(state, options));
	}

	abort(state: UploadState, options?: Abortable): Promise<void> {
		return this.using(driver => driver.abortUpload(state, options));
	}

	/** Stores a whole object under `key`, its bytes coming in odd pieces. */
	async store(key: string, bytes: Buffer): Promise<UploadState> {
		const state = await this.append(await this.create(key), inOddPieces(bytes));
		await this.seal(state);
		return state;
	}

	/** Rejects as a missing object or upload must. */
	async rejectsAsMissing(use: (driver: StorageDriver) => Promise<unknown>): Promise<void> {
		await this.using(async driver => {
			await assert.rejects(use(driver), error => {
				assert.equal(driver.classify(error), 'not-found', String(error));
				return true;
			});
		});
	}

	/** What a state is after a database column and another process: what JSON keeps of it. */
	kept(state: UploadState): UploadState {
		const kept = JSON.parse(JSON.stringify(state)) as UploadState;
		assert.deepEqual(kept, state, 'a state has to be plain JSON');
		this.#started.set(kept.key, kept);
		return kept;
	}

	async clear(): Promise<void> {
		await this.using(async driver => {
			for (const state of this.#started.values()) {
				await driver.abortUpload(state);
			}
			for await (const {key} of driver.list(`${this.prefix}/`)) {
				await driver.delete(key);
			}
		});
	}
}

/** All that a list has to give. */
export async function everyOf(objects: AsyncIterable<StoredObject>): Promise<StoredObject[]> {
	const every: StoredObject[] = [];
	for await (const object of objects) {
		every.push(object);
	}
	return every;
}
