import {type Digest, type StoredManifest, isForeignLayer, parseManifest} from '@stowage/core';

/** What a manifest says of something that it refers to. */
export interface NamedBlob {
	/** Undefined where manifests do not tell: in schema 1. */
	readonly size: number | undefined;
	/** Where a foreign layer may be fetched from; none for any other. */
	readonly urls: readonly string[];
}

const schema1 = /^application\/vnd\.docker\.distribution\.manifest\.v1\+/;

/** Undefined when the manifest does not refer to it. */
export function findNamedBlob({bytes, mediaType, digest: own}: StoredManifest, digest: Digest): NamedBlob | undefined {
	const {references} = parseManifest(bytes, mediaType, own);
	const found = references.find(({descriptor}) => descriptor.digest === digest)?.descriptor;
	if (found === undefined) {
		return undefined;
	}
	const urls = isForeignLayer(found.mediaType) ? urlsOf(bytes, digest) : [];
	return {size: schema1.test(mediaType) ? undefined : found.size, urls};
}

function urlsOf(bytes: Buffer, digest: Digest): readonly string[] {
	const {layers} = JSON.parse(bytes.toString()) as {layers?: readonly {digest?: unknown; urls?: unknown}[]};
	const urls = layers?.find(layer => layer.digest === digest)?.urls;
	return Array.isArray(urls) ? urls.filter(url => typeof url === 'string').slice(0, 8) : [];
}
