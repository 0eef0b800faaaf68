import {Readable} from 'node:stream';

/** The same bytes, with an error instead of an end when they are not as many: no client takes a part for the whole. */
export function wholeBody(source: Readable, size: number): Readable {
	return Readable.from(counted(source, size), {objectMode: false});
}

async function* counted(source: Readable, size: number): AsyncGenerator<Buffer, void> {
	let sent = 0;
	for await (const piece of source) {
		sent += (piece as Buffer).length;
		yield piece as Buffer;
	}
	if (sent !== size) {
		throw new Error(`a layer ended after ${sent} of ${size} bytes`);
	}
}
