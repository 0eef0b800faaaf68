import {randomUUID} from 'node:crypto';
import type {S3Bucket} from './s3-bucket.ts';

/**
 * The real bucket that S3_TEST_BUCKET names, to be used instead of an emulator: below a prefix of its own, with the key in
 * AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, and S3_TEST_ENDPOINT where it is not Amazon's.
 */
export function findS3Bucket(): S3Bucket | undefined {
	const {S3_TEST_BUCKET: bucket, S3_TEST_ENDPOINT: endpoint, AWS_REGION: region = 'us-east-1'} = process.env;
	const {AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey} = process.env;
	if (bucket === undefined || accessKeyId === undefined || secretAccessKey === undefined) {
		return undefined;
	}
	const prefix = `stowage-test-${randomUUID()}`;
	return {bucket, prefix, region, endpoint, pathStyle: endpoint !== undefined, accessKeyId, secretAccessKey};
}
