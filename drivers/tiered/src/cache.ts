import {createHash, randomUUID} from 'node:crypto';
import {Readable} from 'node:stream';
import type {Abortable, Logger, ObjectReadOptions, StorageDriver, StoredObject, UploadState} from '@stowage/core';
import {type Copy, copyName, findCopy} from './copy-name.ts';
import {LastUsed} from './last-used.ts';

/** Below this are uploads to the cache, each with an object that tells of it. */
const fillPrefix = 'fills/';
/** An upload to the registry is given up after a day at most unless its operator says otherwise. */
const forgottenAfterMs = 2 * 86_400_000;

export interface CacheOptions {
	readonly maxBytes: number;
	readonly logger: Logger;
}

/**
 * Copies of objects that another storage has, on a durable storage of their own, up to a number of bytes. It fails in
 * nothing but `open`: what it cannot do is not done, and the other storage has everything. A copy that is not as long as
 * it was made is none.
 */
export class Cache {
	readonly #driver: StorageDriver;
	readonly #logger: Logger;
	readonly #used: LastUsed;
	readonly #work = new Set<Promise<void>>();

	private constructor(driver: StorageDriver, {maxBytes, logger}: CacheOptions) {
		this.#driver = driver;
		this.#logger = logger;
		this.#used = new LastUsed(maxBytes);
	}

	/** Finds what an earlier process has left there: what came first is taken for used first, what lost bytes is deleted. */
	static async open(driver: StorageDriver, options: CacheOptions, {signal}: Abortable = {}): Promise<Cache> {
		const cache = new Cache(driver, options);
		const objects: StoredObject[] = [];
		for await (const object of driver.list('', {signal})) {
			objects.push(object);
		}
		objects.sort((one, other) => one.modifiedAt.getTime() - other.modifiedAt.getTime());
		for (const object of objects) {
			await cache.#take(object);
		}
		await cache.#evict();
		return cache;
	}

	async #take({key: name, size, modifiedAt}: StoredObject): Promise<void> {
		const copy = findCopy(name);
		if (name.startsWith(fillPrefix)) {
			if (modifiedAt.getTime() < Date.now() - forgottenAfterMs) {
				await this.dropFill({key: name.replace(/\.open$/, ''), offset: 0});
			}
		} else if (copy?.size === size) {
			this.#used.add(copy);
		} else {
			await this.#attempt('an object of the cache could not be deleted', () => this.#driver.delete(name));
		}
	}

	/** Undefined when it is not here whole. */
	async read(key: string, {range, signal}: ObjectReadOptions): Promise<Readable | undefined> {
		const size = this.#used.touch(key);
		if (size === undefined || (range !== undefined && range.end > size)) {
			return undefined;
		}
		const name = copyName({key, size});
		try {
			const found = await this.#driver.stat(name, {signal});
			if (found?.size === size) {
				return await this.#driver.read(name, {range, signal});
			}
			// Where it has gone, another process has evicted it.
			if (found !== undefined) {
				this.#logger.warn({key, size, found: found.size}, 'an object of the cache has not the bytes that it had');
			}
		} catch (error) {
			signal?.throwIfAborted();
			this.#tell(error, 'an object of the cache could not be read');
		}
		await this.delete(key);
		return undefined;
	}

	has(key: string): boolean {
		return this.#used.has(key);
	}

	get driver(): StorageDriver {
		return this.#driver;
	}

	/** Undefined when there can be none. `of` is the key of an upload, of which there is one at a time. */
	async startFill(of?: string): Promise<UploadState | undefined> {
		const key = of === undefined ? fillPrefix + randomUUID() : fillKeyOf(of);
		return this.#attempt('an upload to the cache could not begin', async () => {
			// First what tells of it, so that nothing is left behind that cannot be found.
			const mark = await this.#driver.createUpload(`${key}.open`);
			await this.#driver.sealUpload(await this.#driver.appendUpload(mark, Readable.from([])));
			return this.#driver.createUpload(key);
		});
	}

	/** Makes the upload an object of the cache, and makes room for it. */
	async finishFill(fill: UploadState, key: string): Promise<void> {
		const done = await this.#attempt('an upload to the cache could not be finished', async () => {
			await this.#driver.sealUpload(fill);
			await this.#driver.move(fill.key, copyName({key, size: fill.offset}));
			await this.#driver.delete(`${fill.key}.open`);
			return true;
		});
		if (done === true) {
			this.#used.add({key, size: fill.offset});
			await this.#evict();
		} else {
			await this.dropFill(fill);
		}
	}

	/** Drops the one of an upload, whatever became of it. */
	async dropFillOf(key: string): Promise<void> {
		await this.dropFill({key: fillKeyOf(key), offset: 0});
	}

	async dropFill(fill: UploadState): Promise<void> {
		await this.#attempt('an upload to the cache could not be dropped', async () => {
			await this.#driver.abortUpload(fill);
			await this.#driver.delete(`${fill.key}.open`);
		});
	}

	async move(from: string, to: string): Promise<void> {
		const size = this.#used.delete(from);
		if (size === undefined) {
			return;
		}
		const moved = await this.#attempt('an object of the cache could not be moved', async () => {
			await this.#driver.move(copyName({key: from, size}), copyName({key: to, size}));
			return true;
		});
		if (moved === true) {
			this.#used.add({key: to, size});
		}
	}

	async delete(key: string): Promise<void> {
		const size = this.#used.delete(key);
		await this.#attempt('an object of the cache could not be deleted', () =>
			size === undefined ? this.#deleteUnknown(key) : this.#driver.delete(copyName({key, size})),
		);
	}

	/** Lets something go on that nobody waits for but `close`. It must not reject. */
	run(work: Promise<void>): void {
		this.#work.add(work);
		void work.finally(() => this.#work.delete(work));
	}

	/** Resolves when nothing is under way. */
	async close(): Promise<void> {
		await Promise.all(this.#work);
	}

	/** What another process has put there. */
	async #deleteUnknown(key: string): Promise<void> {
		for await (const {key: name} of this.#driver.list(`${key}.`)) {
			if (findCopy(name)?.key === key) {
				await this.#driver.delete(name);
			}
		}
	}

	async #evict(): Promise<void> {
		for (let copy = this.#used.takeExcess(); copy !== undefined; copy = this.#used.takeExcess()) {
			const evicted: Copy = copy;
			await this.#attempt('an object could not be evicted', () => this.#driver.delete(copyName(evicted)));
		}
	}

	async #attempt<Result>(trouble: string, work: () => Promise<Result>): Promise<Result | undefined> {
		try {
			return await work();
		} catch (error) {
			this.#tell(error, trouble);
			return undefined;
		}
	}

	#tell(error: unknown, trouble: string): void {
		this.#logger.warn({err: error}, `${trouble}: the registry goes on without`);
	}
}

function fillKeyOf(key: string): string {
	return fillPrefix + createHash('sha256').update(key).digest('hex');
}
