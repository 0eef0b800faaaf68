import {type Abortable, type V1ImageId, mostV1Ancestors} from '@stowage/core';
import {ConversionError} from './conversion-error.ts';
import {type V1ImageJson, parseV1ImageJson} from './v1-image-json.ts';
import type {V1Source} from './v1-source.ts';

/**
 * The image and all below it, the lowest first. Rejects with `ConversionError` when one is missing or wrong, when they go
 * round in a circle, or when the source's own list of them says otherwise.
 */
export async function readChain(source: V1Source, id: V1ImageId, options: Abortable): Promise<readonly V1ImageJson[]> {
	const chain: V1ImageJson[] = [];
	const seen = new Set<V1ImageId>();
	let ancestry: readonly V1ImageId[] | undefined;
	for (let next: V1ImageId | undefined = id; next !== undefined; next = chain[0]?.parent) {
		if (seen.has(next)) {
			throw new ConversionError('ancestry', `${short(next)} is below itself`);
		}
		if (seen.size === mostV1Ancestors) {
			throw new ConversionError('ancestry', `there are more than ${mostV1Ancestors} images below ${short(id)}`);
		}
		seen.add(next);
		const found = await source.findImage(next, options);
		if (found === undefined) {
			throw new ConversionError('ancestry', `there is no image ${short(next)}`);
		}
		ancestry ??= found.ancestry;
		chain.unshift(parseV1ImageJson(found.json, next));
	}
	const told = ancestry?.toReversed();
	if (told !== undefined && (told.length !== chain.length || told.some((one, index) => one !== chain[index]?.id))) {
		throw new ConversionError('ancestry', `the ancestry of ${short(id)} is not that of its JSON`);
	}
	return chain;
}

function short(id: V1ImageId): string {
	return id.slice(0, 12);
}
