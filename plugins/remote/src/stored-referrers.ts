import type {Descriptor, Digest, ImageName, Page, ReferrersRequest, RepositoryContext} from '@stowage/core';
import {readDescriptors} from './read-descriptors.ts';
import {referrersPage} from './referrers-page.ts';
import {referrersTag} from './referrers-tag.ts';
import {sortedReferrers} from './sorted-referrers.ts';

/** What refers to a manifest as far as it is stored: manifests that say so, and what a stored fallback tag lists. */
export async function storedReferrers(
	{records}: Pick<RepositoryContext, 'records'>,
	{image, subject}: {readonly image: ImageName; readonly subject: Digest},
	request: ReferrersRequest,
): Promise<Page<Descriptor>> {
	const said = await records.listReferrers(image, subject, request);
	const index = await records.findManifest(image, {tag: referrersTag(subject)});
	if (index === undefined) {
		return said;
	}
	const all = sortedReferrers(readDescriptors(JSON.parse(index.manifest.bytes.toString())));
	const listed = referrersPage(all, request);
	const both = sortedReferrers([...said.items, ...listed.items]);
	const items = both.slice(0, Math.max(request.limit, 0));
	const more = both.length > items.length || said.next !== undefined || listed.next !== undefined;
	return more ? {items, next: items.at(-1)?.digest} : {items};
}
