import type {FileHandle} from 'node:fs/promises';
import {type Abortable, type UploadBody, destroyOnAbort, takePieces} from '@stowage/core';
import type {BatchBudget} from './batch-budget.ts';
import {EarlySync} from './early-sync.ts';

/** What the kernel takes in one call (IOV_MAX of Linux). */
const batchPieces = 1024;

export interface WriteBatchesOptions extends Abortable {
	/** Whether the bytes are on the disk when it resolves. */
	readonly durable: boolean;
	/** That of all uploads of the driver. */
	readonly budget: BatchBudget;
}

/**
 * Writes a body into a file from `offset` on and resolves to where it ends. One batch is written while the next is
 * gathered, so a write never waits for the network nor the network for a write. Once settled no call is under way.
 */
export async function writeBatches(
	handle: FileHandle,
	body: UploadBody,
	offset: number,
	{signal, durable, budget}: WriteBatchesOptions,
): Promise<number> {
	using _share = budget.enter();
	const writer = new BatchWriter(handle, offset, {
		budget,
		release: piece => body.release?.(piece),
		sync: durable ? new EarlySync(handle) : undefined,
	});
	using _abort = destroyOnAbort(body, signal);
	try {
		await takePieces(body, piece => writer.add(piece));
		signal?.throwIfAborted();
		return await writer.end();
	} finally {
		await writer.settled();
	}
}

interface BatchWriterParts {
	readonly budget: BatchBudget;
	/** Gets each piece once it is written. */
	readonly release: (piece: Uint8Array) => void;
	readonly sync: EarlySync | undefined;
}

class BatchWriter {
	readonly #handle: FileHandle;
	readonly #parts: BatchWriterParts;
	#position: number;
	#batch: Uint8Array[] = [];
	#size = 0;
	#writing: Promise<void> = Promise.resolve();

	constructor(handle: FileHandle, offset: number, parts: BatchWriterParts) {
		this.#handle = handle;
		this.#parts = parts;
		this.#position = offset;
	}

	/** Undefined while there is room; else resolves when there is room again, or rejects with why a batch failed. */
	add(chunk: Uint8Array): Promise<void> | undefined {
		this.#batch.push(chunk);
		this.#size += chunk.length;
		return this.#size >= this.#parts.budget.batchSize || this.#batch.length >= batchPieces ? this.#flush() : undefined;
	}

	async end(): Promise<number> {
		await this.#flush();
		await this.#writing;
		await this.#parts.sync?.end();
		return this.#position;
	}

	/** Never rejects: whoever waits for room or for the end is told. */
	async settled(): Promise<void> {
		await this.#writing.catch(() => undefined);
		await this.#parts.sync?.settled();
	}

	async #flush(): Promise<void> {
		await this.#writing;
		const [batch, size, position] = [this.#batch, this.#size, this.#position];
		this.#batch = [];
		this.#size = 0;
		this.#position += size;
		this.#writing = this.#write(batch, position, size);
		// Its failure is told by the next flush or the end; until then it is nobody's unhandled rejection.
		this.#writing.catch(() => undefined);
	}

	async #write(batch: readonly Uint8Array[], position: number, size: number): Promise<void> {
		await writeAll(this.#handle, batch, position);
		for (const piece of batch) {
			this.#parts.release(piece);
		}
		this.#parts.sync?.written(size);
	}
}

async function writeAll(handle: FileHandle, batch: readonly Uint8Array[], position: number): Promise<void> {
	let rest = batch;
	let at = position;
	while (rest.length > 0) {
		const {bytesWritten} = await handle.writev(rest, at);
		at += bytesWritten;
		rest = after(rest, bytesWritten);
	}
}

/** What is left of the pieces once `written` bytes of them are written: a disk may take less than it is given. */
function after(pieces: readonly Uint8Array[], written: number): readonly Uint8Array[] {
	let left = written;
	for (const [index, piece] of pieces.entries()) {
		if (left < piece.length) {
			return [piece.subarray(left), ...pieces.slice(index + 1)];
		}
		left -= piece.length;
	}
	return [];
}
