import {randomUUID} from 'node:crypto';
import {type S3Bucket, createS3Bucket} from './s3-bucket.ts';
import {sharedStore} from './stores.ts';

export type {S3Bucket} from './s3-bucket.ts';

/**
 * Gives buckets to test with: the one that S3_TEST_BUCKET names, below a prefix of its own, with the key in
 * AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY (and S3_TEST_ENDPOINT where it is not Amazon's); else new, empty ones of an
 * emulator that all test files of a run share. To be called while the test file is loaded.
 */
export function s3Buckets(emulator: 'moto' | 'nanio' = 'moto'): () => Promise<S3Bucket> {
	const {S3_TEST_BUCKET: bucket, S3_TEST_ENDPOINT: endpoint, AWS_REGION: region = 'us-east-1'} = process.env;
	const {AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey} = process.env;
	if (bucket !== undefined && accessKeyId !== undefined && secretAccessKey !== undefined && emulator === 'moto') {
		const pathStyle = endpoint !== undefined;
		return async () => ({
			bucket,
			prefix: `stowage-test-${randomUUID()}`,
			region,
			endpoint,
			pathStyle,
			accessKeyId,
			secretAccessKey,
		});
	}
	const url = sharedStore(emulator);
	return async () => createS3Bucket(await url());
}
