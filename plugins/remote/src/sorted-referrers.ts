import type {Descriptor} from '@stowage/core';
import {sortedOnce} from './page-of.ts';

/** Each once, in order of their digests. */
export function sortedReferrers(descriptors: readonly Descriptor[]): readonly Descriptor[] {
	const byDigest = new Map(descriptors.map(descriptor => [descriptor.digest, descriptor]));
	return sortedOnce([...byDigest.keys()]).flatMap(digest => byDigest.get(digest) ?? []);
}
