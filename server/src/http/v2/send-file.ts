import type {ByteRange} from '@stowage/core';
import type {FileHandle} from 'node:fs/promises';
import type {ServerResponse} from 'node:http';
import {written} from './written.ts';

const bufferSize = 256 * 1024;

/**
 * Sends a part of a file with two buffers in turn: while one is on its way to the client, the other is filled. A stream
 * needs a new buffer for every read, and twice the processor time for it. Rejects when the file ends too soon, and with an
 * `AbortError` when the client leaves. Closes neither.
 */
export async function sendFile(
	file: FileHandle,
	{start, end}: ByteRange,
	response: ServerResponse,
	signal: AbortSignal,
): Promise<void> {
	const size = Math.min(bufferSize, end - start);
	let [filling, sending] = [Buffer.allocUnsafeSlow(size), Buffer.allocUnsafeSlow(size)];
	let sent: Promise<void> = Promise.resolve();
	for (let position = start; position < end;) {
		const {bytesRead} = await file.read(filling, 0, Math.min(size, end - position), position);
		// Also when the read failed to give anything: a write under way still has its buffer.
		await sent;
		if (bytesRead === 0) {
			throw new Error(`the file ends ${end - position} bytes too soon`);
		}
		position += bytesRead;
		sent = written(response, filling.subarray(0, bytesRead), signal);
		[filling, sending] = [sending, filling];
	}
	await sent;
}
