import type {MetadataStore} from '../metadata/metadata-store.ts';
import type {Abortable} from '../types/abortable.ts';

export interface DeleteOldAuditEntriesParts {
	readonly metadata: Pick<MetadataStore, 'audit'>;
	/** Older entries go. */
	readonly before: Date;
	/** Of refusals no more than this stay, however young they are: anybody can bring them about. Half a million unless told. */
	readonly keptRefusals?: number;
}

/** As many as one transaction deletes: others wait for it. */
const batch = 500;

/** Deletes what is old in small batches; resolves to how many entries that were. */
export async function deleteOldAuditEntries(
	{metadata: {audit}, before, keptRefusals = 500_000}: DeleteOldAuditEntriesParts,
	{signal}: Abortable = {},
): Promise<number> {
	let deleted = 0;
	for (const next of [
		async () => audit.deleteBefore(before, batch),
		async () => audit.deleteRefusalsBeyond(keptRefusals, batch),
	]) {
		for (let count = batch; count === batch; deleted += count) {
			signal?.throwIfAborted();
			count = await next();
		}
	}
	return deleted;
}
