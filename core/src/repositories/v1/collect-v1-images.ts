import type {MetadataStore} from '../../metadata/metadata-store.ts';
import type {Abortable} from '../../types/abortable.ts';

export interface CollectV1ImagesParts {
	readonly metadata: Pick<MetadataStore, 'definitions' | 'repository'>;
	/** What was pushed or tagged less than this ago is left alone. */
	readonly gracePeriodMs: number;
}

/**
 * Ends pushes by the first API that nobody went on with, and deletes its images that no tag needs, in all repositories:
 * to be done before blobs are collected. Resolves to how many images it deleted.
 */
export async function collectV1Images(
	{metadata, gracePeriodMs}: CollectV1ImagesParts,
	{signal}: Abortable = {},
): Promise<number> {
	const before = new Date(Date.now() - gracePeriodMs);
	let deleted = 0;
	for (const {id} of await metadata.definitions.list()) {
		signal?.throwIfAborted();
		deleted += await metadata.repository(id).v1.collect(before);
	}
	return deleted;
}
