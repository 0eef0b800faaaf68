import {randomUUID} from 'node:crypto';
import type {GcsBucket} from './gcs-bucket.ts';

/**
 * The real bucket that GCS_TEST_BUCKET names, to be used instead of an emulator: below a prefix of its own, by the key in
 * GCS_TEST_KEY_FILE or application default credentials.
 */
export function findGcsBucket(): GcsBucket | undefined {
	const {GCS_TEST_BUCKET: bucket, GCS_TEST_KEY_FILE: keyFile} = process.env;
	return bucket === undefined
		? undefined
		: {bucket, keyFile, authenticate: true, prefix: `stowage-test-${randomUUID()}`};
}
