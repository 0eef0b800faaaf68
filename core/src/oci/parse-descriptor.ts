import type {Descriptor} from './descriptor.ts';
import {findDigest} from './digest.ts';
import {RegistryError} from './registry-error.ts';

/** What a descriptor without a media type is taken for (RFC 2046, section 4.5.1). */
const unknownType = 'application/octet-stream';

/**
 * Checks a content descriptor as the image specification has it (descriptor.md). `where` names its place in the
 * document for the message. Throws `MANIFEST_INVALID`. What else it holds (`urls`, `data`, `platform`) is left alone.
 */
export function parseDescriptor(value: unknown, where: string): Descriptor {
	if (!isObject(value)) {
		throw invalid(where, 'is not a descriptor');
	}
	const digest = typeof value['digest'] === 'string' ? findDigest(value['digest']) : undefined;
	if (digest === undefined) {
		throw invalid(`${where}.digest`, 'is not a sha256 or sha512 digest');
	}
	const {size} = value;
	if (typeof size !== 'number' || !Number.isSafeInteger(size) || size < 0) {
		throw invalid(`${where}.size`, 'is not a whole number of bytes');
	}
	const artifactType = parseOptionalString(value['artifactType'], `${where}.artifactType`);
	const annotations = parseAnnotations(value['annotations'], `${where}.annotations`);
	return {
		mediaType: parseOptionalString(value['mediaType'], `${where}.mediaType`) ?? unknownType,
		digest,
		size,
		...(artifactType === undefined ? {} : {artifactType}),
		...(annotations === undefined ? {} : {annotations}),
	};
}

/** Annotations are a map of strings (image-spec annotations.md). Absent and `null` are the same. Throws `MANIFEST_INVALID`. */
export function parseAnnotations(value: unknown, where: string): Readonly<Record<string, string>> | undefined {
	if (value === undefined || value === null) {
		return undefined;
	}
	if (!isObject(value)) {
		throw invalid(where, 'is not an object');
	}
	const entries = Object.entries(value);
	for (const [, text] of entries) {
		if (typeof text !== 'string') {
			throw invalid(where, 'has a value that is not a string');
		}
	}
	// fromEntries defines keys rather than sets them, so that "__proto__" is a key like any other.
	return Object.fromEntries(entries as [string, string][]);
}

/** Absent, `null` and empty are the same. Throws `MANIFEST_INVALID` for what is not a string. */
export function parseOptionalString(value: unknown, where: string): string | undefined {
	if (value === undefined || value === null || value === '') {
		return undefined;
	}
	if (typeof value !== 'string') {
		throw invalid(where, 'is not a string');
	}
	return value;
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
	return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function invalid(where: string, what: string): RegistryError {
	return new RegistryError('MANIFEST_INVALID', `${where} ${what}`, {detail: {at: where}});
}
