import type {UploadBody} from '@stowage/core';
import type {ServerResponse} from 'node:http';
import {clientLeft} from './client-left.ts';

/** When the client has not taken so many bytes, nothing more is read for it. */
const mostWaiting = 128 * 1024;

/** Sends pieces of a body, and gives each back once it was handed to the system. */
export class PieceSender {
	readonly #response: ServerResponse;
	readonly #body: UploadBody;
	#unsent = 0;
	#failure: Error | undefined;
	#waiting: PromiseWithResolvers<void> | undefined;

	constructor(response: ServerResponse, body: UploadBody) {
		this.#response = response;
		this.#body = body;
	}

	/** A promise when the client is behind: the next piece is to wait for it. */
	send(piece: Uint8Array): Promise<void> | undefined {
		this.#unsent++;
		this.#response.write(piece, error => this.#sent(piece, error));
		return this.#response.writableLength < mostWaiting ? undefined : this.settled();
	}

	/** Resolves once all pieces were handed to the system. Rejects with an `AbortError` when the client has left. */
	async settled(): Promise<void> {
		if (this.#unsent > 0) {
			this.#waiting ??= Promise.withResolvers<void>();
			await this.#waiting.promise;
		}
		if (this.#failure !== undefined) {
			throw this.#failure;
		}
	}

	#sent(piece: Uint8Array, error: Error | null | undefined): void {
		this.#body.release?.(piece);
		this.#unsent--;
		if (error) {
			this.#failure = clientLeft(error);
		}
		if (this.#unsent === 0) {
			this.#waiting?.resolve();
			this.#waiting = undefined;
		}
	}
}
