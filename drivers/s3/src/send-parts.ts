import {buffer} from 'node:stream/consumers';
import {type Abortable, type UploadBody, destroyOnAbort} from '@stowage/core';
import type {Bucket} from './bucket.ts';
import {openObject} from './open-object.ts';
import {PartSender} from './part-sender.ts';
import {type UploadParts, freeSlot, inlineLimit, minPartSize, tailKey} from './upload-parts.ts';

export interface SendOptions extends Abortable {
	readonly partSize: number;
	/** Parts under way at a time. */
	readonly parallel: number;
	/** Whether what comes before the last part must be of one size. */
	readonly equal: boolean;
}

export interface Sent {
	readonly after: UploadParts;
	/** Bytes of the body. */
	readonly received: number;
}

/**
 * Cuts a body into parts, sends some at a time and resolves to where the upload then stands. Once settled nothing is being
 * sent; if it rejects, the service has nothing that is not told by `before`, or is overwritten by the next append.
 */
export async function sendParts(
	bucket: Bucket,
	key: string,
	{before, body, options}: {before: UploadParts; body: UploadBody; options: SendOptions},
): Promise<Sent> {
	const cancelled = new AbortController();
	const {signal} = options;
	using _abort = destroyOnAbort(body, signal, () => cancelled.abort(signal?.reason));
	const append = new Append(bucket, key, {before, options: {...options, signal: cancelled.signal}});
	try {
		for await (const chunk of body.iterator({destroyOnReturn: false})) {
			await append.add(chunk as Buffer);
			// What is kept of it is a copy.
			body.release?.(chunk as Buffer);
		}
		signal?.throwIfAborted();
		return await append.end();
	} catch (error) {
		cancelled.abort();
		await append.undo();
		throw error;
	}
}

interface AppendParts {
	readonly before: UploadParts;
	readonly options: SendOptions;
}

/** One append: few bytes are kept as they come, and with more of them parts are filled and sent. */
class Append {
	readonly #bucket: Bucket;
	readonly #key: string;
	readonly #before: UploadParts;
	readonly #options: SendOptions;
	#few: Buffer[];
	#fewBytes: number;
	#received = 0;
	#sender: PartSender | undefined;

	constructor(bucket: Bucket, key: string, {before, options}: AppendParts) {
		this.#bucket = bucket;
		this.#key = key;
		this.#before = before;
		this.#options = options;
		this.#few = [before.inline];
		this.#fewBytes = before.inline.length;
	}

	async add(chunk: Buffer): Promise<void> {
		this.#received += chunk.length;
		if (this.#sender !== undefined) {
			await this.#sender.add(chunk);
			return;
		}
		// The producer may use its buffer again.
		this.#few.push(Buffer.from(chunk));
		this.#fewBytes += chunk.length;
		if (this.#fewBytes > inlineLimit) {
			await this.#startSending();
		}
	}

	async end(): Promise<Sent> {
		if (this.#sender === undefined) {
			const inline = Buffer.concat(this.#few);
			return {after: {...this.#before, inline}, received: this.#received};
		}
		const {uploadId, etags, rest} = await this.#sender.end(this.#options.equal ? this.#options.partSize : minPartSize);
		const after = {uploadId, etags, ...(await this.#keepRest(rest))};
		return {after, received: this.#received};
	}

	/** Takes back what the state does not tell. Its own failure is no news to the caller, who has one already. */
	async undo(): Promise<void> {
		await this.#sender?.undo();
	}

	async #startSending(): Promise<void> {
		const {signal} = this.#options;
		this.#sender = new PartSender(this.#bucket, this.#key, {before: this.#before, options: this.#options});
		const {tailObject} = this.#before;
		if (tailObject !== undefined) {
			const {slot, etag} = tailObject;
			await this.#sender.add(await buffer(await openObject(this.#bucket, tailKey(this.#key, slot), {etag, signal})));
		}
		for (const piece of this.#few) {
			await this.#sender.add(piece);
		}
		this.#few = [];
	}

	/** Where bytes wait that are too few for a part. */
	async #keepRest(rest: Buffer): Promise<Pick<UploadParts, 'tailObject' | 'inline'>> {
		if (rest.length <= inlineLimit) {
			return {inline: Buffer.from(rest)};
		}
		const slot = freeSlot(this.#before);
		const etag = await this.#bucket.put(tailKey(this.#key, slot), rest, {signal: this.#options.signal});
		return {tailObject: {slot, size: rest.length, etag}, inline: Buffer.alloc(0)};
	}
}
