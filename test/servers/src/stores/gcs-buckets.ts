import {randomUUID} from 'node:crypto';
import {type GcsBucket, createGcsBucket} from './gcs-bucket.ts';
import {type StoreUrl, sharedStore} from './stores.ts';

/**
 * Gives buckets to test with: the one that GCS_TEST_BUCKET names, below a prefix of its own, by the key in GCS_TEST_KEY_FILE
 * or application default credentials; else new, empty ones of an emulator that all test files of a run share. To be called
 * while the test file is loaded.
 */
export function gcsBuckets(emulator: 'fakeGcs' | 'gcpEmulator'): () => Promise<GcsBucket> {
	const {GCS_TEST_BUCKET: bucket, GCS_TEST_KEY_FILE: keyFile} = process.env;
	if (bucket !== undefined) {
		return async () => ({bucket, keyFile, authenticate: true, prefix: `stowage-test-${randomUUID()}`});
	}
	const url: StoreUrl = sharedStore(emulator);
	return async () => createGcsBucket(await url());
}
