import type {FileHandle} from 'node:fs/promises';
import type {UploadBody} from '../../storage/driver.ts';
import type {Abortable} from '../../types/abortable.ts';
import type {ByteRange} from '../../types/byte-range.ts';
import {type Followed, TransferReader} from './transfer-reader.ts';

/** What can be had written into a file instead of being read. */
export interface Fillable extends Followed {
	/** See {@link UploadBody.writeInto}. */
	fill(open: () => Promise<FileHandle>, options?: Abortable): Promise<number | undefined>;
	/** Called when it is read and not filled in. */
	needsOwnFile(): void;
}

/** The whole of a transfer, for the storage that keeps it. */
export class StoreReader extends TransferReader implements UploadBody {
	readonly #source: Fillable;

	constructor(source: Fillable, range: ByteRange) {
		super(source, range);
		this.#source = source;
	}

	writeInto(open: () => Promise<FileHandle>, options?: Abortable): Promise<number | undefined> {
		return this.#source.fill(open, options);
	}

	override _read(): void {
		this.#source.needsOwnFile();
		super._read();
	}
}
