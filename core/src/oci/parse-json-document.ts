import {RegistryError} from './registry-error.ts';

/** Levels of nesting that a document may have. Manifests have about six. */
export const maxDocumentDepth = 100;

/**
 * Reads untrusted bytes as one JSON object. Throws `MANIFEST_INVALID` when they are not UTF-8, begin with a byte order
 * mark (RFC 8259, section 8.1), are not JSON, nest deeper than {@link maxDocumentDepth}, or are another value than an object.
 */
export function parseJsonDocument(bytes: Uint8Array): Readonly<Record<string, unknown>> {
	if (depthExceeds(bytes, maxDocumentDepth)) {
		throw new RegistryError('MANIFEST_INVALID', `the manifest nests deeper than ${maxDocumentDepth} levels`);
	}
	const document = parse(bytes);
	if (typeof document !== 'object' || document === null || Array.isArray(document)) {
		throw new RegistryError('MANIFEST_INVALID', 'the manifest is not a JSON object');
	}
	return document as Readonly<Record<string, unknown>>;
}

function parse(bytes: Uint8Array): unknown {
	try {
		return JSON.parse(new TextDecoder('utf-8', {fatal: true, ignoreBOM: true}).decode(bytes));
	} catch (cause) {
		throw new RegistryError('MANIFEST_INVALID', 'the manifest is not JSON in UTF-8', {cause});
	}
}

const quote = 0x22;
const backslash = 0x5c;

/** Counts brackets outside of strings, so that nothing is allocated for a document that is refused. */
function depthExceeds(bytes: Uint8Array, limit: number): boolean {
	let depth = 0;
	for (let index = 0; index < bytes.length; index += 1) {
		const byte = bytes[index];
		if (byte === quote) {
			index = endOfString(bytes, index);
		} else if (byte === 0x7b || byte === 0x5b) {
			depth += 1;
			if (depth > limit) {
				return true;
			}
		} else if (byte === 0x7d || byte === 0x5d) {
			depth -= 1;
		}
	}
	return false;
}

function endOfString(bytes: Uint8Array, start: number): number {
	let index = start + 1;
	while (index < bytes.length && bytes[index] !== quote) {
		index += bytes[index] === backslash ? 2 : 1;
	}
	return index;
}
