import {findGcsBucket} from './find-gcs-bucket.ts';
import {type GcsBucket, createGcsBucket} from './gcs-bucket.ts';
import {type StoreUrl, sharedStore} from './stores.ts';

/**
 * Gives buckets to test with: the real one that the environment names, unless that is not to be used; else new, empty ones
 * of an emulator that all test files of a run share. To be called while the test file is loaded.
 */
export function gcsBuckets(
	emulator: 'fakeGcs' | 'gcpEmulator',
	{real = true}: {readonly real?: boolean} = {},
): () => Promise<GcsBucket> {
	if (real && findGcsBucket() !== undefined) {
		return async () => findGcsBucket()!;
	}
	const url: StoreUrl = sharedStore(emulator);
	return async () => createGcsBucket(await url());
}
