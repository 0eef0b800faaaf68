import {randomBytes} from 'node:crypto';
import type {Json} from '@stowage/core';
import {TooManyBlocksError} from './errors.ts';

/** Put Block List, Azure Blob Storage REST API: a block list has no more. */
const maxBlocks = 50_000;

/**
 * What a state remembers: the blocks on the service, and bytes that come after them and are too few for a block.
 * Blocks are named by the append that staged them and a number, because what an append that broke has sent may still
 * arrive when another is under way: it must not replace a block of that one.
 */
export class UploadBlocks {
	/** Names of appends, and how many blocks each staged. */
	readonly #runs: readonly (readonly [run: string, count: number])[];
	readonly tail: Buffer;

	private constructor(runs: readonly (readonly [string, number])[], tail: Buffer) {
		this.#runs = runs;
		this.tail = tail;
	}

	static of(data: Json | undefined): UploadBlocks {
		const {runs = [], tail = ''} = (data ?? {}) as {readonly runs?: [string, number][]; readonly tail?: string};
		return new UploadBlocks(runs, Buffer.from(tail, 'base64'));
	}

	toJson(): Json {
		return {
			...(this.#runs.length > 0 ? {runs: this.#runs.map(([run, count]) => [run, count])} : {}),
			...(this.tail.length > 0 ? {tail: this.tail.toString('base64')} : {}),
		};
	}

	/** Blocks that are staged. */
	get count(): number {
		return this.#runs.reduce((sum, [, count]) => sum + count, 0);
	}

	/** All of them in their order, as the service wants them named: in base64 and of one length. */
	get ids(): string[] {
		return this.#runs.flatMap(([run, count]) => Array.from({length: count}, (_, index) => blockId(run, index)));
	}

	/** How it is once another append has staged `count` blocks and left `tail`. */
	after(run: string, count: number, tail: Buffer): UploadBlocks {
		return new UploadBlocks(count > 0 ? [...this.#runs, [run, count]] : this.#runs, tail);
	}
}

/** The block of what an upload still has in its state when it is sealed. No append is called so. */
export const tailBlockId = blockId('the-tail', 0);

/** A name that no other append has. */
export function newRun(): string {
	return randomBytes(6).toString('base64url');
}

export function blockId(run: string, index: number): string {
	return Buffer.from(`${run}${String(index).padStart(5, '0')}`).toString('base64');
}

/** Refuses a block more than a blob can have. */
export function checkBlockCount(count: number): void {
	if (count > maxBlocks) {
		throw new TooManyBlocksError(
			`a blob cannot have more than ${maxBlocks} blocks; larger ones need a larger "blockMebibytes"`,
		);
	}
}
