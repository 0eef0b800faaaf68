import {setTimeout as sleep} from 'node:timers/promises';
import {expectStatus} from './broken-promise.ts';
import {type Answer, type Call, type Connection, ConnectionLost} from './connection.ts';
import type {FragileRegistry, Phase} from './fragile-registry.ts';
import type {Journal} from './journal.ts';
import {PersistentUpload} from './persistent-upload.ts';
import {manifestType, type RandomImage} from './random-image.ts';
import {UploadBusy} from './upload-busy.ts';

/** Pushes to a registry that may go away at any time, and writes down what it acknowledges. */
export class Pusher {
	readonly journal: Journal;
	readonly #registry: FragileRegistry;
	readonly #connection: Connection;
	readonly #signal: AbortSignal;

	/** It gives up when `signal` aborts. */
	constructor(registry: FragileRegistry, connection: Connection, journal: Journal, signal: AbortSignal) {
		this.#signal = signal;
		this.#registry = registry;
		this.#connection = connection;
		this.journal = journal;
	}

	async call(
		phase: Phase,
		...parameters: [method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH', path: string, call?: Call]
	): Promise<Answer> {
		this.#registry.enter(phase);
		try {
			return await this.#connection.call(...parameters);
		} catch (error) {
			this.journal.cut[phase] += 1;
			throw error;
		}
	}

	async pushImage(image: string, tag: string, {blobs, manifest, digest}: RandomImage): Promise<void> {
		for (const [blobDigest, bytes] of blobs) {
			await this.pushBlob(image, blobDigest, bytes);
		}
		await this.#persist(async () => {
			const answer = await this.call('manifest', 'PUT', `/v2/${image}/manifests/${tag}`, {
				headers: {'content-type': manifestType},
				body: manifest,
			});
			expectStatus('PUT of a manifest', answer, 201);
		});
		this.journal.addManifest(image, tag, digest, manifest);
	}

	async pushBlob(image: string, digest: string, bytes: Buffer): Promise<void> {
		const upload = new PersistentUpload(this, image, bytes);
		await this.#persist(() => upload.push());
		this.journal.addBlob(image, digest, bytes);
	}

	/** An upload that nobody will end. */
	async abandonUpload(image: string, bytes: Buffer): Promise<PersistentUpload> {
		const upload = new PersistentUpload(this, image, bytes);
		await this.#persist(() => upload.pushPart(Math.ceil(bytes.length / 2)));
		return upload;
	}

	/** Does the work again until no crash comes in between. */
	async #persist(work: () => Promise<void>): Promise<void> {
		for (;;) {
			this.#signal.throwIfAborted();
			await this.#registry.up();
			try {
				await work();
				return;
			} catch (error) {
				if (error instanceof UploadBusy) {
					await sleep(error.waitMs, undefined, {signal: this.#signal});
				} else if (!(error instanceof ConnectionLost)) {
					throw error;
				}
			}
		}
	}
}
