import {createFile, openFile, withFile} from './files.ts';
import {PieceStream} from './piece-stream.ts';
import type {Session} from './session.ts';
import {writePieces} from './write-pieces.ts';

/** Bytes that the server copies at a time, so that no answer takes long. */
const step = 64 * 1024 * 1024;

/** Copies the first `size` bytes of a file into a new one: on the server if it can, else through here. */
export async function copyFile(
	session: Session,
	{from, to, size, mode}: {readonly from: string; readonly to: string; readonly size: number; readonly mode: number},
): Promise<void> {
	await createFile(session, to, mode);
	if (size === 0) {
		return;
	}
	await withFile(session, to, 'r+', target =>
		session.offers('copy-data')
			? withFile(session, from, 'r', source => copyOnServer(session, source, target, size))
			: copyThroughHere(session, from, target, size),
	);
}

async function copyOnServer(session: Session, source: Buffer, target: Buffer, size: number): Promise<void> {
	for (let at = 0; at < size; at += step) {
		const length = Math.min(step, size - at);
		await session.request('copy', (channel, done) => channel.ext_copy_data(source, at, length, target, at, done));
	}
}

async function copyThroughHere(session: Session, from: string, target: Buffer, size: number): Promise<void> {
	const source = await openFile(session, from, 'r');
	const bytes = new PieceStream(session, source, {start: 0, end: size});
	try {
		await writePieces(session, target, bytes, {offset: 0});
	} finally {
		bytes.destroy();
	}
}
