import {type Descriptor, type Page, ociIndexType, parseDigest} from '@stowage/core';
import {answerJson} from '../answer.ts';
import type {ImageContext} from '../http-context.ts';
import {nextLink, parsePageQuery} from './page-query.ts';
import {findParameter} from './query.ts';
import {readOptions} from './read-options.ts';
import {warningHeader} from './warning-header.ts';

/** Clients read 4 MiB at most; what is around the entries takes little. */
const largestAnswer = 4_000_000;

/** Rows that are read at a time: one may have annotations of megabytes. */
const batch = 100;

/**
 * `GET /<image>/referrers/<digest>?artifactType=` (specification, end-12a and end-12b): an index, empty for an unknown
 * subject. Clients take any other media type, even with a parameter, for a registry that has no referrers.
 */
export async function listReferrers(context: ImageContext): Promise<void> {
	const subject = parseDigest(context.params['digest'] ?? '');
	const {limit, after} = parsePageQuery(context, 'DIGEST_INVALID');
	const artifactType = findParameter(context, 'artifactType') || undefined;
	const ask = async (last: string | undefined, most: number) =>
		context.repository.listReferrers(
			context.image,
			subject,
			{limit: Math.min(batch, most), after: last, artifactType},
			readOptions(context),
		);
	const page: Page<Descriptor> = limit === 0 ? {items: []} : await fill(ask, limit, after);
	const query: Record<string, string | number> = artifactType === undefined ? {n: limit} : {n: limit, artifactType};
	const headers = {
		...nextLink(context.address, `/${context.image}/referrers/${subject}`, page.next, query),
		...(artifactType === undefined ? {} : {'OCI-Filters-Applied': 'artifactType'}),
		...warningHeader(page.warning),
	};
	const index = {schemaVersion: 2, mediaType: ociIndexType, manifests: page.items};
	answerJson(context, 200, headers, index, ociIndexType);
}

/** As many as there may be and fit; always one at least. */
async function fill(
	ask: (after: string | undefined, most: number) => Promise<Page<Descriptor>>,
	limit: number,
	after: string | undefined,
): Promise<Page<Descriptor>> {
	const items: Descriptor[] = [];
	let size = 0;
	let next = after;
	let warning: string | undefined;
	do {
		const page = await ask(next, limit - items.length);
		warning = page.warning ?? warning;
		for (const item of page.items) {
			size += Buffer.byteLength(JSON.stringify(item)) + 1;
			if (size > largestAnswer && items.length > 0) {
				return {items, next: items.at(-1)?.digest, warning};
			}
			items.push(item);
		}
		next = page.next;
	} while (next !== undefined && items.length < limit);
	return {items, next, warning};
}
