import {Readable} from 'node:stream';
import {type ByteRange, MissingError} from '@stowage/core';
import {OutsideRootError} from './errors.ts';
import {attributesOf, openFile} from './files.ts';
import {PieceStream} from './piece-stream.ts';
import type {Keep} from './session-pool.ts';
import type {Session} from './session.ts';

export interface OpenedFile {
	readonly stream: Readable;
	/** Bytes that the stream has. */
	readonly size: number;
}

/**
 * Opens a file for reading, whole or in part; the stream closes it and keeps the session until then. Rejects when it is
 * none, or too short.
 */
export async function openForReading(
	session: Session,
	path: string,
	{range, keep}: {readonly range?: ByteRange; readonly keep: Keep},
): Promise<OpenedFile> {
	const attributes = await attributesOf(session, path);
	if (attributes === undefined) {
		throw new MissingError(`there is no ${path}`);
	}
	if (!attributes.isFile()) {
		throw new OutsideRootError(`${path} is not a file`);
	}
	const {start, end} = range ?? {start: 0, end: attributes.size};
	if (attributes.size < end) {
		throw new MissingError(`${path} has ${attributes.size} bytes, and not ${end}`);
	}
	if (start === end) {
		return {stream: Readable.from([]), size: 0};
	}
	const handle = await openFile(session, path, 'r');
	return {stream: new PieceStream(session, handle, {start, end, closed: keep()}), size: end - start};
}
