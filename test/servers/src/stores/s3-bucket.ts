import {randomUUID} from 'node:crypto';
import {CreateBucketCommand, S3Client} from '@aws-sdk/client-s3';
import {nanioKey} from './nanio.ts';

/** The options with which a driver reaches a bucket. */
export interface S3Bucket {
	readonly bucket: string;
	/** Below which tests keep what they make. */
	readonly prefix: string;
	readonly region: string;
	readonly endpoint?: string;
	readonly pathStyle: boolean;
	readonly accessKeyId: string;
	readonly secretAccessKey: string;
}

/** Makes a bucket of an emulator. */
export async function createS3Bucket(endpoint: string): Promise<S3Bucket> {
	const bucket = `stowage-test-${randomUUID()}`;
	const region = 'us-east-1';
	const client = new S3Client({endpoint, region, forcePathStyle: true, credentials: {...nanioKey}});
	try {
		await client.send(new CreateBucketCommand({Bucket: bucket}));
	} finally {
		client.destroy();
	}
	return {bucket, prefix: 'some/where', region, endpoint, pathStyle: true, ...nanioKey};
}
