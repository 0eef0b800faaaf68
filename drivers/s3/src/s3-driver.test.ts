import {randomBytes} from 'node:crypto';
import {Readable} from 'node:stream';
import {buffer} from 'node:stream/consumers';
import {HeadObjectCommand, ListMultipartUploadsCommand, ListObjectsV2Command, type S3Client} from '@aws-sdk/client-s3';
import type {StorageDriver} from '@stowage/core';
import {measureTransfer} from '@stowage/test-servers';
import {type S3Bucket, s3Buckets} from '@stowage/test-servers/s3-buckets';
import {silentLogger, storageDriverSuite} from '@stowage/testing';
import test from 'ava';
import {openClients} from './open-client.ts';
import type {S3Options} from './options.ts';
import {s3Driver} from './s3-driver-type.ts';
import {S3Driver} from './s3-driver.ts';

const mebibyte = 1024 * 1024;
const settings = {
	partMebibytes: 5,
	equalParts: false,
	parallelParts: 3,
	copyMebibytes: 5,
	connections: 64,
	timeoutSeconds: 60,
	tries: 5,
};
const newBucket = s3Buckets();
const newStrictBucket = s3Buckets('nanio');
let bucket: S3Bucket;
let strict: S3Bucket;

test.before(async () => {
	[bucket, strict] = await Promise.all([newBucket(), newStrictBucket()]);
});

function open(options: Partial<S3Options> = {}): Promise<StorageDriver> {
	return s3Driver.create({...settings, ...bucket, ...options}, {name: 'cloud', logger: silentLogger});
}

storageDriverSuite({
	test: test.serial,
	open,
	partSize: 5 * mebibyte,
	listedObjects: 1_100,
	uploadsAtOnce: 50,
	signedUrls: true,
	// The emulator does not look at the time; another one, which does, is asked in a test of its own.
	signedUrlsExpire: process.env['S3_TEST_BUCKET'] !== undefined,
	// Few bytes stay in the state, and then there is nothing at the service that could be missed.
	abortsAreFinal: false,
	openDenied: async () => {
		const options = {...settings, ...strict, secretAccessKey: 'of-somebody-else'};
		return new S3Driver(openClients(options), options);
	},
});

test.serial('the suite leaves no object and no part behind', async t => {
	t.deepEqual(await leftIn(bucket), []);
});

for (const equalParts of [false, true]) {
	test.serial(`appends of many sizes become one object, with ${equalParts ? 'equal' : 'unequal'} parts`, async t => {
		const own = await newBucket();
		const bytes = randomBytes(25 * mebibyte);
		const sizes = [3, 300_000, 200_000, 5 * mebibyte, 7, 100_000, 6 * mebibyte, 400_000, 2, 5 * mebibyte + 1];
		let state = await using({...own, equalParts}, driver => driver.createUpload('a'));
		for (const size of sizes) {
			const piece = bytes.subarray(state.offset, state.offset + size);
			const before = state;
			state = await using({...own, equalParts}, driver => driver.appendUpload(before, Readable.from([piece])));
			t.true(JSON.stringify(state).length < 360_000);
		}
		await using({...own, equalParts}, async driver => {
			await driver.sealUpload(state);
			await driver.sealUpload(state);
			const read = await buffer(await driver.read('a'));
			t.true(read.equals(bytes.subarray(0, state.offset)));
			t.deepEqual(await leftIn(own), ['some/where/a']);
			await driver.abortUpload(state);
		});
		t.deepEqual(await leftIn(own), []);
	});
}

test.serial('what is asked for of storage class and encryption is given to what is published', async t => {
	const own = await newBucket();
	const options = {
		...own,
		storageClass: 'STANDARD_IA',
		encryption: 'aws:kms',
		kmsKeyId: 'arn:aws:kms:us-east-1:123456789012:key/one',
		bucketKey: true,
	} as const;
	for (const size of [10, 300_000, 5 * mebibyte, 11 * mebibyte]) {
		await using(options, async driver => {
			const body = Readable.from([randomBytes(size)]);
			await driver.sealUpload(await driver.appendUpload(await driver.createUpload('from'), body));
			await driver.move('from', `to/${size}`);
		});
		const head = new HeadObjectCommand({Bucket: own.bucket, Key: `${own.prefix}/to/${size}`});
		const found = await withClient(own, client => client.send(head));
		t.is(found.StorageClass, 'STANDARD_IA');
		t.is(found.ServerSideEncryption, 'aws:kms');
		t.is(found.SSEKMSKeyId, options.kmsKeyId);
		t.is(found.ContentLength, size);
	}
});

test.serial('256 MiB go up and down in bounded memory', async t => {
	const options = {...settings, ...(await newBucket()), partMebibytes: 8};
	const transfer = await measureTransfer({plugin: '@stowage/s3', options, mebibytes: 256});
	t.true(transfer.peakMemory < 250 * mebibyte, JSON.stringify(transfer));
});

async function using<Result>(
	options: Partial<S3Options>,
	use: (driver: StorageDriver) => Promise<Result>,
): Promise<Result> {
	const driver = await open(options);
	try {
		return await use(driver);
	} finally {
		await driver.close();
	}
}

async function withClient<Result>(of: S3Bucket, use: (client: S3Client) => Promise<Result>): Promise<Result> {
	const clients = openClients({...settings, ...of});
	try {
		return await use(clients.client);
	} finally {
		clients.close();
	}
}

/** Keys of objects and of unfinished uploads. */
async function leftIn(of: S3Bucket): Promise<string[]> {
	return withClient(of, async client => {
		const {Contents = []} = await client.send(new ListObjectsV2Command({Bucket: of.bucket, Prefix: of.prefix}));
		const {Uploads = []} = await client.send(new ListMultipartUploadsCommand({Bucket: of.bucket, Prefix: of.prefix}));
		return [...Contents, ...Uploads].map(({Key = ''}) => Key);
	});
}
