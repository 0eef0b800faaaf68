import type {Abortable} from '@stowage/core';
import type {Bucket} from './bucket.ts';
import {BrokenSessionError, RefusalError} from './errors.ts';
import type {Answer, Request} from './requests.ts';

/** Resumable uploads, Cloud Storage: more is to come. */
const incomplete = 308;

/**
 * One resumable upload: chunks of multiples of 256 KiB, then a last one of any size. A chunk whose fate is not known is
 * asked after, and what the service has not kept of it is sent again.
 */
export class PartSession {
	readonly #bucket: Bucket;
	readonly #name: string;
	readonly #path: string;
	/** Bytes that the service has said it keeps. */
	#kept = 0;

	private constructor(bucket: Bucket, name: string, path: string) {
		this.#bucket = bucket;
		this.#name = name;
		this.#path = path;
	}

	static async start(bucket: Bucket, name: string, options: Abortable): Promise<PartSession> {
		return new PartSession(bucket, name, await bucket.startSession(name, options));
	}

	/** Resolves once the service keeps the chunk, or all of the object after the last one. Not to be called twice at a time. */
	async send(chunk: Buffer, last: boolean, {signal}: Abortable): Promise<void> {
		const start = this.#kept;
		const end = start + chunk.length;
		const total = last ? end : undefined;
		for (let failures = 0; ;) {
			const before = this.#kept;
			try {
				if (await this.#put(chunk.subarray(this.#kept - start), total, {signal})) {
					return;
				}
				failures = this.#kept > before ? 0 : this.#countIdle(failures);
			} catch (error) {
				failures += 1;
				if (!isLost(error)) {
					await this.#bucket.requests.pauseAfter(error, failures, {signal});
				}
				if (await this.#ask(total, {signal})) {
					return;
				}
			}
			if (this.#kept < start || this.#kept > end) {
				throw new BrokenSessionError(`the service keeps ${this.#kept} bytes of an upload that had ${start} to ${end}`);
			}
			if (!last && this.#kept === end) {
				return;
			}
		}
	}

	/** An answer that agrees and keeps nothing is good for a few times. */
	#countIdle(failures: number): number {
		if (failures + 1 >= this.#bucket.requests.tries) {
			throw new BrokenSessionError('the service takes the upload and keeps nothing of it');
		}
		return failures + 1;
	}

	/** Whether the object is there with that. `total` bytes when they are known. */
	async #put(bytes: Buffer, total: number | undefined, {signal}: Abortable): Promise<boolean> {
		const range = bytes.length === 0 ? '*' : `${this.#kept}-${this.#kept + bytes.length - 1}`;
		const headers = {'content-range': `bytes ${range}/${total ?? '*'}`};
		return this.#learn(await this.#bucket.requests.once({...this.#request(headers), body: bytes, signal}), total);
	}

	/** How far the upload has come. */
	async #ask(total: number | undefined, {signal}: Abortable): Promise<boolean> {
		const headers = {'content-range': `bytes */${total ?? '*'}`};
		try {
			return await this.#learn(await this.#bucket.requests.open({...this.#request(headers), body: '', signal}), total);
		} catch (error) {
			if (!isLost(error)) {
				throw error;
			}
			// It may have ended, and its answer have been lost: nobody else has this name.
			if (total !== undefined && (await this.#bucket.find(this.#name, {signal}))?.size === total) {
				return true;
			}
			// The session cannot go on, but the upload can: from before this append.
			throw new BrokenSessionError('the service has given up the upload session', {cause: error});
		}
	}

	#request(headers: Readonly<Record<string, string>>): Request {
		return {method: 'PUT', path: this.#path, headers, alsoFine: [incomplete]};
	}

	async #learn({status, headers, body}: Answer, total: number | undefined): Promise<boolean> {
		const text = await body.text();
		if (status === incomplete) {
			const range = /-(\d+)$/.exec(String(headers['range'] ?? ''));
			this.#kept = range === null ? 0 : Number(range[1]) + 1;
			return false;
		}
		const {size} = (text === '' ? {} : JSON.parse(text)) as {readonly size?: string};
		if (total === undefined || Number(size) !== total) {
			throw new BrokenSessionError(`the service made an object of ${size} bytes of an upload of ${total ?? 'more'}`);
		}
		return true;
	}
}

/** Whether the service knows nothing of the session. */
function isLost(error: unknown): boolean {
	return error instanceof RefusalError && (error.status === 404 || error.status === 410);
}
