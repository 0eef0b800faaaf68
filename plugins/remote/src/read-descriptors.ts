import {type Descriptor, findDigest, isMediaType} from '@stowage/core';

interface Entry {
	readonly mediaType?: unknown;
	readonly digest?: unknown;
	readonly size?: unknown;
	readonly artifactType?: unknown;
	readonly annotations?: unknown;
}

/** The entries of an index that come from elsewhere; those that are not right are left out. */
export function readDescriptors(index: unknown): readonly Descriptor[] {
	const {manifests} = (index ?? {}) as {manifests?: unknown};
	return Array.isArray(manifests) ? manifests.flatMap(entry => readDescriptor((entry ?? {}) as Entry)) : [];
}

function readDescriptor({mediaType, digest: text, size, artifactType, annotations}: Entry): readonly Descriptor[] {
	const digest = typeof text === 'string' ? findDigest(text) : undefined;
	if (digest === undefined || typeof mediaType !== 'string' || !isMediaType(mediaType)) {
		return [];
	}
	if (typeof size !== 'number' || !Number.isSafeInteger(size) || size < 0) {
		return [];
	}
	return [
		{
			mediaType,
			digest,
			size,
			...(typeof artifactType === 'string' && {artifactType}),
			...(isTexts(annotations) && {annotations}),
		},
	];
}

function isTexts(value: unknown): value is Readonly<Record<string, string>> {
	return typeof value === 'object' && value !== null && Object.values(value).every(text => typeof text === 'string');
}
