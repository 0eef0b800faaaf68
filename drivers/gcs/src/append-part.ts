import type {Readable} from 'node:stream';
import {type Abortable, destroyOnAbort} from '@stowage/core';
import type {Bucket} from './bucket.ts';
import {PartSession} from './part-session.ts';
import {type UploadParts, newPart} from './upload-parts.ts';

/** Fewer bytes than this wait in the state for the next append. */
const tailLimit = 256 * 1024;

export interface AppendOptions extends Abortable {
	/** A multiple of 256 KiB, as the service wants it. */
	readonly chunkSize: number;
	/** Put before the name of the part. */
	readonly folder: string;
}

/**
 * Stores a body as one part, after the tail of the append before, and resolves to how the upload is then and to the number
 * of bytes that came. One chunk is sent while the next is gathered. Once settled nothing is being sent.
 */
export async function appendPart(
	bucket: Bucket,
	before: UploadParts,
	body: Readable,
	{signal, ...options}: AppendOptions,
): Promise<{readonly after: UploadParts; readonly received: number}> {
	const writer = new PartWriter(bucket, before, options);
	using _abort = destroyOnAbort(body, signal, () => writer.cancel());
	try {
		for await (const chunk of body.iterator({destroyOnReturn: false})) {
			await writer.add(chunk as Uint8Array);
		}
		signal?.throwIfAborted();
		return await writer.end();
	} catch (error) {
		writer.cancel();
		throw error;
	} finally {
		await writer.settled();
	}
}

class PartWriter {
	readonly #bucket: Bucket;
	readonly #before: UploadParts;
	readonly #options: Omit<AppendOptions, 'signal'>;
	readonly #part = newPart();
	readonly #cancelled = new AbortController();
	#session: PartSession | undefined;
	/** Two that take turns: one is sent while the other is filled. Not touched before, so short bodies take little. */
	#chunk: Buffer;
	#other: Buffer | undefined;
	#filled: number;
	#received = 0;
	#chunks = 0;
	#sending: Promise<void> = Promise.resolve();

	constructor(bucket: Bucket, before: UploadParts, options: Omit<AppendOptions, 'signal'>) {
		this.#bucket = bucket;
		this.#before = before;
		this.#options = options;
		this.#chunk = Buffer.allocUnsafeSlow(options.chunkSize);
		this.#filled = before.tail.copy(this.#chunk);
	}

	async add(chunk: Uint8Array): Promise<void> {
		this.#received += chunk.length;
		let rest = chunk;
		// A full chunk is kept until there is more, for the last one of a part has to be told from the others.
		while (this.#filled + rest.length > this.#options.chunkSize) {
			rest = this.#fill(rest);
			await this.#send(false);
		}
		this.#fill(rest);
	}

	async end(): Promise<{readonly after: UploadParts; readonly received: number}> {
		const {names} = this.#before;
		if (this.#chunks === 0 && this.#filled < tailLimit) {
			return {after: {names, tail: Buffer.from(this.#chunk.subarray(0, this.#filled))}, received: this.#received};
		}
		await this.#send(true);
		await this.#sending;
		return {after: {names: [...names, this.#part], tail: Buffer.alloc(0)}, received: this.#received};
	}

	cancel(): void {
		this.#cancelled.abort();
	}

	/** Never rejects: whoever sends next is told. */
	async settled(): Promise<void> {
		await this.#sending.catch(() => undefined);
	}

	/** Gives what does not fit. */
	#fill(chunk: Uint8Array): Uint8Array {
		const fitting = chunk.subarray(0, this.#options.chunkSize - this.#filled);
		this.#chunk.set(fitting, this.#filled);
		this.#filled += fitting.length;
		return chunk.subarray(fitting.length);
	}

	/** Resolves when the chunk before is stored and this one under way. */
	async #send(last: boolean): Promise<void> {
		await this.#sending;
		const chunk = this.#chunk.subarray(0, this.#filled);
		const other = this.#other ?? Buffer.allocUnsafeSlow(this.#options.chunkSize);
		[this.#chunk, this.#other] = [other, this.#chunk];
		this.#filled = 0;
		this.#chunks += 1;
		this.#sending = this.#store(chunk, last);
		// Its failure is told by the next send or the end; until then it is nobody's unhandled rejection.
		this.#sending.catch(() => undefined);
	}

	async #store(chunk: Buffer, last: boolean): Promise<void> {
		const {signal} = this.#cancelled;
		const name = this.#options.folder + this.#part;
		if (last && this.#chunks === 1) {
			await this.#bucket.insert(name, chunk, {signal});
			return;
		}
		this.#session ??= await PartSession.start(this.#bucket, name, {signal});
		await this.#session.send(chunk, last, {signal});
	}
}
