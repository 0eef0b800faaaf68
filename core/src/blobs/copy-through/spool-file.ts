import type {FileHandle} from 'node:fs/promises';

/** A file that bytes are read from while others are written behind them. */
export class SpoolFile {
	readonly #file: FileHandle;

	/** Takes the handle, which is closed with it. */
	constructor(file: FileHandle) {
		this.#file = file;
	}

	/** Writes all bytes of the buffers, one after the other. */
	async write(buffers: readonly Buffer[], position: number): Promise<void> {
		const total = buffers.reduce((sum, {length}) => sum + length, 0);
		const {bytesWritten} = await this.#file.writev(buffers, position);
		const rest = bytesWritten < total ? Buffer.concat(buffers, total).subarray(bytesWritten) : Buffer.alloc(0);
		for (let done = 0; done < rest.length;) {
			const left = rest.length - done;
			done += (await this.#file.write(rest, done, left, position + bytesWritten + done)).bytesWritten;
		}
	}

	/** Bytes from `start` on: one at least, and none from `end` on. Rejects when there are none. */
	async read(start: number, end: number): Promise<Buffer> {
		const buffer = Buffer.allocUnsafeSlow(end - start);
		const {bytesRead} = await this.#file.read(buffer, 0, buffer.length, start);
		if (bytesRead === 0) {
			throw new Error('the spool file has lost what was written to it');
		}
		return buffer.subarray(0, bytesRead);
	}

	async close(): Promise<void> {
		await this.#file.close();
	}
}
