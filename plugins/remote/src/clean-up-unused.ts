import type {Abortable, RepositoryContext} from '@stowage/core';

const batch = 200;

/**
 * Deletes manifests from the cache that nobody has asked for so long, indexes before what they name. Their blobs are
 * collected like all that no manifest needs.
 */
export async function cleanUpUnused(
	{records, logger}: Pick<RepositoryContext, 'records' | 'logger'>,
	{unusedForMs}: {readonly unusedForMs: number},
	{signal}: Abortable = {},
): Promise<number> {
	const before = new Date(Date.now() - unusedForMs);
	let deleted = 0;
	for (;;) {
		const unused = await records.findUnused(before, batch);
		let progress = 0;
		for (const {image, digest} of unused) {
			signal?.throwIfAborted();
			progress += (await records.deleteManifest(image, digest)) === 'deleted' ? 1 : 0;
		}
		deleted += progress;
		if (progress === 0) {
			break;
		}
	}
	if (deleted > 0) {
		logger.info({deleted}, 'unused manifests deleted from the cache');
	}
	return deleted;
}
