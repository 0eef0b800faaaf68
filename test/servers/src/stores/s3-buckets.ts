import {findS3Bucket} from './find-s3-bucket.ts';
import {type S3Bucket, createS3Bucket} from './s3-bucket.ts';
import {sharedStore} from './stores.ts';

export type {S3Bucket} from './s3-bucket.ts';

/**
 * Gives buckets to test with: the real one that the environment names, unless that is not to be used or an emulator with
 * habits of its own is asked for; else new, empty ones of an emulator that all test files of a run share. To be called
 * while the test file is loaded.
 */
export function s3Buckets(
	emulator: 'moto' | 'nanio' = 'moto',
	{real = emulator === 'moto'}: {readonly real?: boolean} = {},
): () => Promise<S3Bucket> {
	if (real && findS3Bucket() !== undefined) {
		return async () => findS3Bucket()!;
	}
	const url = sharedStore(emulator);
	return async () => createS3Bucket(await url());
}
