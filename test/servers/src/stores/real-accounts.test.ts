import test from 'ava';
import {azureContainers} from './azure-containers.ts';
import {gcsBuckets} from './gcs-buckets.ts';
import {s3Buckets} from './s3-buckets.ts';

// Whose account it is to be is asked while a test file is loaded.
Object.assign(process.env, {
	AZURE_TEST_ACCOUNT: 'realaccount',
	AZURE_TEST_ACCOUNT_KEY: 'a2V5',
	GCS_TEST_BUCKET: 'real-bucket',
	S3_TEST_BUCKET: 'real-bucket',
	AWS_ACCESS_KEY_ID: 'key',
	AWS_SECRET_ACCESS_KEY: 'secret',
});
const [newS3Bucket, newGcsBucket] = [s3Buckets(), gcsBuckets('fakeGcs')];
const newStrictBucket = s3Buckets('nanio');
const emulated = {
	azure: azureContainers({real: false}),
	gcs: gcsBuckets('gcpEmulator', {real: false}),
	s3: s3Buckets('moto', {real: false}),
};

test('a real account is used when the environment names one', async t => {
	t.like(await newS3Bucket(), {bucket: 'real-bucket', endpoint: undefined, accessKeyId: 'key'});
	t.like(await newGcsBucket(), {bucket: 'real-bucket', apiEndpoint: undefined, authenticate: true});
});

test('who needs an emulator gets it all the same', async t => {
	const container = await emulated.azure();
	t.teardown(() => container.remove());
	const endpoints = [
		container.endpoint,
		(await emulated.gcs()).apiEndpoint,
		(await emulated.s3()).endpoint,
		(await newStrictBucket()).endpoint,
	];
	t.deepEqual(
		endpoints.map(endpoint => endpoint?.startsWith('http://127.0.0.1:')),
		[true, true, true, true],
	);
});
