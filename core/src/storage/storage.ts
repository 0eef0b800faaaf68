import type {FileHandle} from 'node:fs/promises';
import type {Readable} from 'node:stream';
import type {Abortable} from '../types/abortable.ts';
import type {ByteRange} from '../types/byte-range.ts';
import type {Logger} from '../types/logger.ts';
import {CallLimiter} from './call-limiter.ts';
import type {
	ObjectReadOptions,
	SignedUrlOptions,
	StorageDriver,
	StorageErrorCode,
	StoredObject,
	TransferOptions,
	UploadBody,
	UploadState,
} from './driver.ts';
import {StorageError, type StorageOperation} from './storage-error.ts';
import {isStorageKey, isStorageKeyPrefix} from './storage-key.ts';

/** Called after each call of the driver. `bytes` is what an append stored; `errorCode` is absent when the call succeeded. */
export type StorageObserver = (
	operation: StorageOperation,
	milliseconds: number,
	bytes?: number,
	errorCode?: StorageErrorCode | 'aborted',
) => void;

export interface StorageOptions {
	/** Gets a line at `debug` for every call that failed. */
	readonly logger?: Logger;
	/**
	 * How many calls the driver gets at a time; 64 unless told. Appends and lists are not counted: their pace is that of
	 * the client or the reader, who must not keep others waiting. Nor is a stream once `read` has resolved.
	 */
	readonly concurrency?: number;
	readonly observe?: StorageObserver;
	/** Whether `signedUrl` is there when the driver has it. Yes unless told. */
	readonly signedUrls?: boolean;
}

interface Call extends Abortable {
	readonly operation: StorageOperation;
	readonly key?: string;
	/** The stream whose failure is its producer's and not the driver's. */
	readonly body?: Readable;
}

/**
 * The portable side of a storage: what the core and repository types call. It checks arguments (`TypeError` and
 * `RangeError`: a bug of the caller), wraps what the driver throws once in {@link StorageError}, limits and measures.
 * An aborted call rejects with the signal's reason, and an append whose body fails with the body's error, both as they
 * are. What goes wrong with a stream after `read` has resolved is the stream's error, as the driver made it.
 */
export class Storage implements StorageDriver {
	/** As the operator called it in the configuration. */
	readonly name: string;
	/** As the driver says. */
	readonly durable?: boolean;
	/** Present when the driver has it and the options allow it. */
	readonly signedUrl?: (key: string, options: SignedUrlOptions) => Promise<URL>;
	/** Present when the driver has it. */
	readonly localPath?: (key: string) => string;
	/** Present when the driver has it. */
	readonly openFile?: (key: string, options?: Abortable) => Promise<FileHandle>;
	readonly #driver: StorageDriver;
	readonly #limiter: CallLimiter;
	readonly #logger: Logger | undefined;
	readonly #observe: StorageObserver | undefined;

	constructor(
		name: string,
		driver: StorageDriver,
		{logger, concurrency = 64, observe, signedUrls = true}: StorageOptions = {},
	) {
		this.name = name;
		this.durable = driver.durable;
		this.#driver = driver;
		this.#limiter = new CallLimiter(concurrency);
		this.#logger = logger;
		this.#observe = observe;
		const sign = driver.signedUrl?.bind(driver);
		if (sign !== undefined && signedUrls) {
			this.signedUrl = (key, options) => this.#signedUrl(sign, key, options);
		}
		const pathOf = driver.localPath?.bind(driver);
		if (pathOf !== undefined) {
			this.localPath = key => pathOf(this.#checked(key));
		}
		const openFile = driver.openFile?.bind(driver);
		if (openFile !== undefined) {
			this.openFile = async (key, options = {}) => {
				this.#checked(key);
				return this.#limited({operation: 'read', key, signal: options.signal}, () => openFile(key, options));
			};
		}
	}

	async check(options: Abortable = {}): Promise<void> {
		await this.#limited({operation: 'check', signal: options.signal}, () => this.#driver.check(options));
	}

	async stat(key: string, options: Abortable = {}): Promise<StoredObject | undefined> {
		this.#checked(key);
		return this.#limited({operation: 'stat', key, signal: options.signal}, () => this.#driver.stat(key, options));
	}

	async read(key: string, options: ObjectReadOptions = {}): Promise<Readable> {
		this.#checked(key);
		checkRange(options.range);
		return this.#limited({operation: 'read', key, signal: options.signal}, () => this.#driver.read(key, options));
	}

	async *list(prefix: string, options: Abortable = {}): AsyncIterable<StoredObject> {
		if (!isStorageKeyPrefix(prefix)) {
			throw new TypeError(`storage "${this.name}": no key can start with ${JSON.stringify(prefix)}`);
		}
		const call: Call = {operation: 'list', key: prefix, signal: options.signal};
		const started = performance.now();
		try {
			options.signal?.throwIfAborted();
			yield* this.#driver.list(prefix, options);
		} catch (error) {
			throw this.#failed(call, error, started);
		}
		this.#observe?.('list', performance.now() - started);
	}

	async move(from: string, to: string, options: Abortable = {}): Promise<void> {
		this.#checked(from);
		this.#checked(to);
		const call: Call = {operation: 'move', key: `${from} to ${to}`, signal: options.signal};
		await this.#limited(call, () => this.#driver.move(from, to, options));
	}

	async delete(key: string, options: Abortable = {}): Promise<void> {
		this.#checked(key);
		await this.#limited({operation: 'delete', key, signal: options.signal}, () => this.#driver.delete(key, options));
	}

	async createUpload(key: string, options: TransferOptions = {}): Promise<UploadState> {
		this.#checked(key);
		const call: Call = {operation: 'createUpload', key, signal: options.signal};
		return this.#limited(call, () => this.#driver.createUpload(key, options));
	}

	async appendUpload(state: UploadState, body: UploadBody, options: Abortable = {}): Promise<UploadState> {
		this.#checkState(state);
		const call: Call = {operation: 'appendUpload', key: state.key, signal: options.signal, body};
		const append = () => this.#driver.appendUpload(state, body, options);
		return this.#measured(call, append, next => next.offset - state.offset);
	}

	async sealUpload(state: UploadState, options: Abortable = {}): Promise<void> {
		this.#checkState(state);
		const call: Call = {operation: 'sealUpload', key: state.key, signal: options.signal};
		await this.#limited(call, () => this.#driver.sealUpload(state, options));
	}

	async abortUpload(state: UploadState, options: Abortable = {}): Promise<void> {
		this.#checkState(state);
		const call: Call = {operation: 'abortUpload', key: state.key, signal: options.signal};
		await this.#limited(call, () => this.#driver.abortUpload(state, options));
	}

	/** The code of a {@link StorageError}; what the driver says of an error that did not pass here. */
	classify(error: unknown): StorageErrorCode {
		return error instanceof StorageError ? error.code : this.#driver.classify(error);
	}

	async close(): Promise<void> {
		await this.#measured({operation: 'close'}, () => this.#driver.close());
	}

	async #signedUrl(
		sign: NonNullable<StorageDriver['signedUrl']>,
		key: string,
		options: SignedUrlOptions,
	): Promise<URL> {
		this.#checked(key);
		if (!Number.isSafeInteger(options.expiresInSeconds) || options.expiresInSeconds < 1) {
			throw new RangeError(`storage "${this.name}": an address cannot expire in ${options.expiresInSeconds} seconds`);
		}
		return this.#limited({operation: 'signedUrl', key, signal: options.signal}, () => sign(key, options));
	}

	#limited<Result>(call: Call, run: () => Promise<Result>): Promise<Result> {
		return this.#limiter.run(() => this.#measured(call, run), call);
	}

	async #measured<Result>(call: Call, run: () => Promise<Result>, bytes?: (result: Result) => number): Promise<Result> {
		call.signal?.throwIfAborted();
		const started = performance.now();
		let result: Result;
		try {
			result = await run();
		} catch (error) {
			throw this.#failed(call, error, started);
		}
		this.#observe?.(call.operation, performance.now() - started, bytes?.(result));
		return result;
	}

	/** What to throw for what the driver threw. */
	#failed({operation, key, signal, body}: Call, cause: unknown, started: number): unknown {
		const milliseconds = performance.now() - started;
		if (signal?.aborted === true) {
			this.#observe?.(operation, milliseconds, undefined, 'aborted');
			return signal.reason;
		}
		const code = this.#driver.classify(cause);
		// A driver that uses `pipeline` destroys the body with its own error: only what it does not know is the producer's.
		if (body !== undefined && code === 'unknown' && (body.errored === cause || isPrematureClose(cause))) {
			this.#observe?.(operation, milliseconds, undefined, 'aborted');
			return cause;
		}
		this.#observe?.(operation, milliseconds, undefined, code);
		const error = new StorageError({code, storage: this.name, operation, key, cause});
		this.#logger?.debug({storage: this.name, operation, key, code, error: error.message}, 'storage call failed');
		return error;
	}

	#checked(key: string): string {
		if (!isStorageKey(key)) {
			throw new TypeError(`storage "${this.name}": ${JSON.stringify(key)} is not a key`);
		}
		return key;
	}

	#checkState({key, offset}: UploadState): void {
		this.#checked(key);
		if (!Number.isSafeInteger(offset) || offset < 0) {
			throw new RangeError(`storage "${this.name}": an upload cannot stand at ${offset} bytes`);
		}
	}
}

function checkRange(range: ByteRange | undefined): void {
	const wrong = range !== undefined && !(range.start >= 0 && range.start < range.end);
	if (wrong || (range && !(Number.isSafeInteger(range.start) && Number.isSafeInteger(range.end)))) {
		throw new RangeError(`bytes ${range?.start} to ${range?.end} are not a range`);
	}
}

function isPrematureClose(error: unknown): boolean {
	return error instanceof Error && 'code' in error && error.code === 'ERR_STREAM_PREMATURE_CLOSE';
}
