import type {Digest} from './digest.ts';
import {findDigest} from './digest.ts';
import type {StoredManifest} from './manifest-record.ts';
import {findManifestKind} from './media-types.ts';
import {isObject} from './parse-descriptor.ts';
import {parseJsonDocument} from './parse-json-document.ts';

/** What an image runs on (image-spec image-index.md, "platform"), in the words of Go: `linux`, `arm64`, `v8`. */
export interface Platform {
	readonly os: string;
	readonly architecture: string;
	readonly variant?: string;
}

export interface PlatformEntry {
	readonly digest: Digest;
	readonly platform: Platform;
}

/**
 * The entries of an index that say what they run on, in its order. Those of `unknown/unknown` are left out: BuildKit marks
 * attestations so. None for a manifest that is no index. The bytes must have been read as a manifest before.
 */
export function listPlatforms({
	mediaType,
	bytes,
}: Pick<StoredManifest, 'mediaType' | 'bytes'>): readonly PlatformEntry[] {
	if (findManifestKind(mediaType) !== 'index') {
		return [];
	}
	const entries = parseJsonDocument(bytes)['manifests'];
	return Array.isArray(entries) ? entries.flatMap(entry => findEntry(entry) ?? []) : [];
}

function findEntry(entry: unknown): PlatformEntry | undefined {
	const platform = isObject(entry) ? findPlatform(entry['platform']) : undefined;
	const digest = isObject(entry) && typeof entry['digest'] === 'string' ? findDigest(entry['digest']) : undefined;
	return platform && digest && {digest, platform};
}

function findPlatform(value: unknown): Platform | undefined {
	if (!isObject(value)) {
		return undefined;
	}
	const {os, architecture, variant} = value;
	if (!isWord(os) || !isWord(architecture) || (os === 'unknown' && architecture === 'unknown')) {
		return undefined;
	}
	return {os, architecture, ...(isWord(variant) && {variant})};
}

function isWord(value: unknown): value is string {
	return typeof value === 'string' && value !== '';
}
