import {Readable} from 'node:stream';

/** The stream without its first bytes. */
export function skipBytes(body: Readable, bytes: number): Readable {
	const rest = async function* () {
		let left = bytes;
		for await (const chunk of body as AsyncIterable<Buffer>) {
			if (left < chunk.length) {
				yield chunk.subarray(left);
			}
			left = Math.max(0, left - chunk.length);
		}
	};
	return Readable.from(rest());
}
