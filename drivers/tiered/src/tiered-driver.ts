import {once} from 'node:events';
import {Readable} from 'node:stream';
import {
	type Abortable,
	type ObjectReadOptions,
	type SignedUrlOptions,
	type StorageDriver,
	type StorageErrorCode,
	type StoredObject,
	type TransferOptions,
	type UploadState,
	destroyOnAbort,
} from '@stowage/core';
import type {Cache} from './cache.ts';
import {Fill} from './fill.ts';

/** What a state remembers: the upload to the storage that has everything, and the one to the cache as long as that works. */
interface Uploads {
	readonly slow: UploadState;
	readonly fill?: UploadState;
}

/** Everything is on one storage, and what was used last on a cache as well. Only the first one counts. */
export class TieredDriver implements StorageDriver {
	/** As the storage that has everything. */
	readonly durable?: boolean;
	/** Present when the storage that has everything has it. */
	readonly signedUrl?: (key: string, options: SignedUrlOptions) => Promise<URL>;
	readonly #slow: StorageDriver;
	readonly #cache: Cache;
	/** Keys that are on their way to the cache. */
	readonly #filling = new Set<string>();
	/** What is read on its way to the cache. */
	readonly #streams = new Set<Readable>();

	constructor(slow: StorageDriver, cache: Cache) {
		this.#slow = slow;
		this.#cache = cache;
		this.durable = slow.durable;
		this.signedUrl = slow.signedUrl?.bind(slow);
	}

	async check(options: Abortable = {}): Promise<void> {
		await this.#slow.check(options);
	}

	async stat(key: string, options: Abortable = {}): Promise<StoredObject | undefined> {
		return this.#slow.stat(key, options);
	}

	async read(key: string, options: ObjectReadOptions = {}): Promise<Readable> {
		options.signal?.throwIfAborted();
		if (options.uncached === true) {
			return this.#slow.read(key, options);
		}
		const cached = await this.#cache.read(key, options);
		if (cached !== undefined) {
			return cached;
		}
		const source = await this.#slow.read(key, options);
		if (options.range !== undefined || this.#filling.has(key)) {
			return source;
		}
		this.#filling.add(key);
		const state = await this.#cache.startFill();
		if (state === undefined) {
			this.#filling.delete(key);
			return source;
		}
		return this.#readThrough(key, source, state);
	}

	list(prefix: string, options: Abortable = {}): AsyncIterable<StoredObject> {
		return this.#slow.list(prefix, options);
	}

	async move(from: string, to: string, options: Abortable = {}): Promise<void> {
		await this.#slow.move(from, to, options);
		await this.#cache.move(from, to);
	}

	async delete(key: string, options: Abortable = {}): Promise<void> {
		options.signal?.throwIfAborted();
		await this.#cache.delete(key);
		await this.#slow.delete(key, options);
	}

	async createUpload(key: string, options: TransferOptions = {}): Promise<UploadState> {
		const slow = await this.#slow.createUpload(key, options);
		return stateOf({slow, fill: options.uncached === true ? undefined : await this.#cache.startFill(key)});
	}

	async appendUpload(state: UploadState, body: Readable, options: Abortable = {}): Promise<UploadState> {
		options.signal?.throwIfAborted();
		const {slow, fill} = uploadsOf(state);
		const filling = fill && new Fill(this.#cache.driver, fill);
		const through = Readable.from(passing(body, filling), {objectMode: false});
		// Whoever waits for a body that stalls is not told of anything but its end.
		using _abort = destroyOnAbort(body, options.signal);
		try {
			const next = await this.#slow.appendUpload(slow, through, options);
			const filled = await filling?.end();
			if (fill !== undefined && filled?.offset !== next.offset) {
				await this.#cache.dropFill(fill);
				return stateOf({slow: next});
			}
			return stateOf({slow: next, fill: filled});
		} catch (error) {
			await filling?.stop();
			throw error;
		} finally {
			through.on('error', () => undefined).destroy();
		}
	}

	async sealUpload(state: UploadState, options: Abortable = {}): Promise<void> {
		const {slow, fill} = uploadsOf(state);
		await this.#slow.sealUpload(slow, options);
		if (fill !== undefined && !this.#cache.has(state.key)) {
			await this.#cache.finishFill(fill, state.key);
		}
	}

	async abortUpload(state: UploadState, options: Abortable = {}): Promise<void> {
		options.signal?.throwIfAborted();
		await this.#cache.dropFillOf(state.key);
		await this.#cache.delete(state.key);
		await this.#slow.abortUpload(uploadsOf(state).slow, options);
	}

	classify(error: unknown): StorageErrorCode {
		return this.#slow.classify(error);
	}

	async close(): Promise<void> {
		for (const stream of this.#streams) {
			stream.destroy();
		}
		await this.#cache.close();
	}

	/** Deleted meanwhile, or not all of it came: that is not to be kept. */
	async #hasNow(key: string, size: number): Promise<boolean> {
		const found = await this.#slow.stat(key).catch(() => undefined);
		return found?.size === size;
	}

	/** The bytes of `source`, which go to the cache on their way. A reader who leaves takes nothing to the cache. */
	#readThrough(key: string, source: Readable, state: UploadState): Readable {
		const fill = new Fill(this.#cache.driver, state);
		let whole = false;
		const settle = async () => {
			const filled = whole ? await fill.end() : await fill.stop();
			const wanted = filled !== undefined && (await this.#hasNow(key, filled.offset));
			await (wanted ? this.#cache.finishFill(filled, key) : this.#cache.dropFill(state));
			this.#filling.delete(key);
		};
		const stream = Readable.from(
			(async function* () {
				yield* passing(source, fill);
				whole = true;
			})(),
			{objectMode: false},
		);
		this.#streams.add(stream);
		this.#cache.run(
			(async () => {
				await once(stream, 'close').catch(() => undefined);
				this.#streams.delete(stream);
				source.destroy();
				await settle();
			})(),
		);
		return stream;
	}
}

async function* passing(body: Readable, fill: Fill | undefined): AsyncIterable<Buffer> {
	for await (const chunk of body.iterator({destroyOnReturn: false})) {
		await fill?.write(chunk as Buffer);
		yield chunk as Buffer;
	}
}

function stateOf({slow, fill}: Uploads): UploadState {
	const data = {slow: {...slow}, ...(fill === undefined ? {} : {fill: {...fill}})};
	return {key: slow.key, offset: slow.offset, data};
}

/** A state that tells nothing of another upload is one of the storage that has everything, from before there was a cache. */
function uploadsOf(state: UploadState): Uploads {
	const data = state.data as Partial<Uploads> | undefined;
	return data?.slow === undefined ? {slow: state} : {slow: data.slow, fill: data.fill};
}
