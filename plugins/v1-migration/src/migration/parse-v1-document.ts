import {isUtf8} from 'node:buffer';

/** Bytes. That of an image is a few thousand. */
export const maxJsonBytes = 1_048_576;
/** Levels of nesting; images have about five. */
const maxDepth = 50;

/** Reads one JSON object that nobody vouches for. Throws what `fail` makes of the reason. */
export function parseV1Document(
	bytes: Uint8Array,
	fail: (what: string, cause?: unknown) => Error,
): Readonly<Record<string, unknown>> {
	const value = parseV1Value(bytes, fail);
	if (typeof value !== 'object' || value === null || Array.isArray(value)) {
		throw fail('is no object');
	}
	return value as Readonly<Record<string, unknown>>;
}

/** As `parseV1Document`, for any value. */
export function parseV1Value(bytes: Uint8Array, fail: (what: string, cause?: unknown) => Error): unknown {
	if (bytes.length > maxJsonBytes) {
		throw fail(`is longer than ${maxJsonBytes} bytes`);
	}
	if (!isUtf8(bytes)) {
		throw fail('is not in UTF-8');
	}
	let value: unknown;
	try {
		value = JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString());
	} catch (cause) {
		throw fail('is no JSON', cause);
	}
	if (deeperThan(value, maxDepth)) {
		throw fail(`nests deeper than ${maxDepth} levels`);
	}
	return value;
}

function deeperThan(value: unknown, levels: number): boolean {
	if (typeof value !== 'object' || value === null) {
		return false;
	}
	return levels === 0 || Object.values(value).some(inner => deeperThan(inner, levels - 1));
}
