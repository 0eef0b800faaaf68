import type {Bucket} from './bucket.ts';
import type {SendOptions} from './send-parts.ts';
import {type UploadParts, checkPartCount} from './upload-parts.ts';

export interface SentParts {
	readonly uploadId?: string;
	readonly etags: readonly string[];
	/** What is too short for a part; good until the sender is used again. */
	readonly rest: Buffer;
}

/** Fills parts and sends them, some at a time. Buffers of parts that were sent are filled again. */
export class PartSender {
	readonly #bucket: Bucket;
	readonly #key: string;
	readonly #options: SendOptions;
	readonly #before: UploadParts;
	readonly #etags: string[];
	readonly #underWay = new Set<Promise<void>>();
	readonly #free: Buffer[] = [];
	#uploadId: string | undefined;
	#part: Buffer | undefined;
	#filled = 0;
	#failure: {readonly error: unknown} | undefined;

	constructor(bucket: Bucket, key: string, {before, options}: {before: UploadParts; options: SendOptions}) {
		this.#bucket = bucket;
		this.#key = key;
		this.#options = options;
		this.#before = before;
		this.#etags = [...before.etags];
		this.#uploadId = before.uploadId;
	}

	async add(bytes: Buffer): Promise<void> {
		for (let offset = 0; offset < bytes.length;) {
			this.#part ??= this.#free.pop() ?? Buffer.allocUnsafeSlow(this.#options.partSize);
			const copied = bytes.copy(this.#part, this.#filled, offset);
			this.#filled += copied;
			offset += copied;
			if (this.#filled === this.#part.length) {
				await this.#send();
			}
		}
	}

	/** Sends what there is as the last part of this append if it has `atLeast` bytes. Resolves when all parts are stored. */
	async end(atLeast: number): Promise<SentParts> {
		if (this.#filled >= atLeast) {
			await this.#send();
		}
		await Promise.all(this.#underWay);
		this.#throwFailure();
		const rest = this.#part?.subarray(0, this.#filled) ?? Buffer.alloc(0);
		return {uploadId: this.#uploadId, etags: this.#etags, rest};
	}

	/** Waits for what is under way, which the signal has ended, and takes back an upload that no state tells of. Never rejects. */
	async undo(): Promise<void> {
		await Promise.all(this.#underWay);
		const uploadId = this.#uploadId;
		if (uploadId !== undefined && uploadId !== this.#before.uploadId) {
			await this.#bucket.abortMultipart(this.#key, uploadId).catch(() => undefined);
		}
	}

	/** Resolves when there is room for another part. */
	async #send(): Promise<void> {
		const part = this.#part ?? Buffer.alloc(0);
		const body = part.subarray(0, this.#filled);
		const index = this.#etags.length;
		checkPartCount(index + 1);
		this.#uploadId ??= await this.#bucket.createMultipart(this.#key, {signal: this.#options.signal});
		this.#etags.push('');
		this.#part = undefined;
		this.#filled = 0;
		const sending = this.#put(this.#uploadId, index, body);
		this.#underWay.add(sending);
		void sending.finally(() => {
			this.#underWay.delete(sending);
			this.#free.push(part);
		});
		while (this.#underWay.size >= this.#options.parallel) {
			await Promise.race(this.#underWay);
		}
		this.#throwFailure();
	}

	/** Never rejects: a failure is told by the next call. */
	async #put(uploadId: string, index: number, body: Buffer): Promise<void> {
		try {
			const {signal} = this.#options;
			this.#etags[index] = await this.#bucket.putPart(this.#key, {uploadId, number: index + 1, body, signal});
		} catch (error) {
			this.#failure ??= {error};
		}
	}

	#throwFailure(): void {
		if (this.#failure !== undefined) {
			throw this.#failure.error;
		}
	}
}
