import type {Readable} from 'node:stream';
import type {BlockBlobClient} from '@azure/storage-blob';
import {type Abortable, destroyOnAbort} from '@stowage/core';
import {type UploadBlocks, blockId, checkBlockCount, newRun} from './upload-blocks.ts';

/** Fewer bytes than this at the end of an append wait in the state for the next one. */
const tailLimit = 256 * 1024;

export interface StageOptions extends Abortable {
	readonly blockSize: number;
	/** Blocks under way at a time. */
	readonly parallel: number;
	/** That of the container without it. */
	readonly encryptionScope?: string;
}

/**
 * Cuts a body into blocks, stages some at a time and resolves to where the upload then stands, and to the number of bytes
 * that came. Once settled nothing is being sent.
 */
export async function stageBlocks(
	blob: BlockBlobClient,
	before: UploadBlocks,
	body: Readable,
	{signal, ...options}: StageOptions,
): Promise<{readonly after: UploadBlocks; readonly received: number}> {
	const stager = new BlockStager(blob, before, options);
	using _abort = destroyOnAbort(body, signal, () => stager.cancel());
	try {
		for await (const chunk of body.iterator({destroyOnReturn: false})) {
			await stager.add(chunk as Uint8Array);
		}
		signal?.throwIfAborted();
		return await stager.end();
	} catch (error) {
		stager.cancel();
		throw error;
	} finally {
		await stager.settled();
	}
}

class BlockStager {
	readonly #blob: BlockBlobClient;
	readonly #before: UploadBlocks;
	readonly #options: StageOptions;
	readonly #run = newRun();
	readonly #cancelled = new AbortController();
	readonly #underWay = new Set<Promise<void>>();
	#failure: {readonly error: unknown} | undefined;
	/** Blocks that were sent, to be filled again. */
	readonly #spare: Buffer[] = [];
	#block: Buffer;
	#filled: number;
	#staged = 0;
	#received = 0;

	constructor(blob: BlockBlobClient, before: UploadBlocks, options: StageOptions) {
		this.#blob = blob;
		this.#before = before;
		this.#options = options;
		// Not touched before it is filled, so a short body takes no more memory than it is long.
		this.#block = Buffer.allocUnsafeSlow(options.blockSize);
		this.#filled = before.tail.copy(this.#block);
	}

	async add(chunk: Uint8Array): Promise<void> {
		this.#received += chunk.length;
		let rest = chunk;
		while (this.#filled + rest.length >= this.#options.blockSize) {
			rest = this.#fill(rest);
			await this.#stage();
		}
		this.#fill(rest);
	}

	async end(): Promise<{readonly after: UploadBlocks; readonly received: number}> {
		if (this.#filled >= tailLimit) {
			await this.#stage();
		}
		await Promise.all(this.#underWay);
		this.#throwFailure();
		const tail = Buffer.from(this.#block.subarray(0, this.#filled));
		return {after: this.#before.after(this.#run, this.#staged, tail), received: this.#received};
	}

	cancel(): void {
		this.#cancelled.abort();
	}

	async settled(): Promise<void> {
		await Promise.all(this.#underWay);
	}

	/** Gives what does not fit. */
	#fill(chunk: Uint8Array): Uint8Array {
		const fitting = chunk.subarray(0, this.#options.blockSize - this.#filled);
		this.#block.set(fitting, this.#filled);
		this.#filled += fitting.length;
		return chunk.subarray(fitting.length);
	}

	/** Resolves when there is room for another block. */
	async #stage(): Promise<void> {
		checkBlockCount(this.#before.count + this.#staged + 1);
		const sending = this.#send(blockId(this.#run, this.#staged), this.#block, this.#filled);
		this.#staged += 1;
		this.#underWay.add(sending);
		void sending.then(() => this.#underWay.delete(sending));
		while (this.#underWay.size >= this.#options.parallel) {
			await Promise.race(this.#underWay);
		}
		this.#throwFailure();
		this.#block = this.#spare.pop() ?? Buffer.allocUnsafeSlow(this.#options.blockSize);
		this.#filled = 0;
	}

	/** Never rejects: a failure is told by the next call. */
	async #send(id: string, block: Buffer, length: number): Promise<void> {
		try {
			await this.#blob.stageBlock(id, block.subarray(0, length), length, {
				abortSignal: this.#cancelled.signal,
				encryptionScope: this.#options.encryptionScope,
			});
			this.#spare.push(block);
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
