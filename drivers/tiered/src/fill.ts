import {once} from 'node:events';
import {PassThrough} from 'node:stream';
import type {StorageDriver, UploadState} from '@stowage/core';

/** Writes to a cache as bytes come by. A cache that fails is left behind, and nobody is told: the bytes are elsewhere. */
export class Fill {
	readonly #pipe = new PassThrough();
	readonly #appending: Promise<UploadState | undefined>;
	#dead = false;

	constructor(cache: StorageDriver, state: UploadState) {
		this.#appending = cache.appendUpload(state, this.#pipe).catch(() => {
			this.#dead = true;
			return undefined;
		});
	}

	/** Resolves when the cache can take more. */
	async write(chunk: Buffer): Promise<void> {
		if (this.#dead || this.#pipe.write(chunk)) {
			return;
		}
		const ended = new AbortController();
		await Promise.race([once(this.#pipe, 'drain', ended).catch(() => undefined), this.#appending]);
		ended.abort();
	}

	/** Where the upload then stands; undefined when the cache has failed. */
	async end(): Promise<UploadState | undefined> {
		this.#pipe.end();
		return this.#appending;
	}

	/** Resolves when nothing is being written any more. What the upload had before is still there. */
	async stop(): Promise<void> {
		this.#pipe.on('error', () => undefined);
		this.#pipe.destroy(new Error('not wanted any more'));
		await this.#appending;
	}
}
