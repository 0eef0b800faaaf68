import type {StorageDriver} from '@stowage/core';
import {measureTransfer} from '@stowage/test-servers';
import {gcsBuckets} from '@stowage/test-servers/gcs-buckets';
import {silentLogger, storageDriverSuite} from '@stowage/testing';
import test from 'ava';
import {Bucket} from './bucket.ts';
import {CredentialsError} from './errors.ts';
import {gcsDriver} from './gcs-driver-type.ts';
import {GcsDriver} from './gcs-driver.ts';
import type {GcsOptions} from './options.ts';
import {Requests} from './requests.ts';

const mebibyte = 1024 * 1024;
const newBucket = gcsBuckets('fakeGcs');
let bucket: Awaited<ReturnType<typeof newBucket>>;

test.before(async () => {
	bucket = await newBucket();
});

function optionsOf(options: Partial<GcsOptions> = {}): GcsOptions {
	return {...bucket, chunkMebibytes: 1, timeoutSeconds: 60, tries: 5, ...options};
}

function open(options: Partial<GcsOptions> = {}): Promise<StorageDriver> {
	return gcsDriver.create(optionsOf(options), {name: 'cloud', logger: silentLogger});
}

const real = process.env.GCS_TEST_BUCKET !== undefined;

async function refuse(): Promise<never> {
	throw new CredentialsError('refused');
}

storageDriverSuite({
	test: test.serial,
	open: () => open(),
	partSize: mebibyte,
	// The emulator looks at nothing that is signed: how it is signed is tested by itself.
	signedUrls: real,
	// Few bytes stay in the state, and then there is nothing on the service that could be missed.
	abortsAreFinal: false,
	openDenied: async () => {
		const requests = new Requests({endpoint: 'http://127.0.0.1:1', authorize: refuse, timeout: 5_000, tries: 1});
		return new GcsDriver(new Bucket(requests, optionsOf()), optionsOf());
	},
});

test.serial('the suite leaves no object and no part behind', async t => {
	const {apiEndpoint: endpoint = ''} = bucket;
	const requests = new Requests({endpoint, authorize: async () => ({}), timeout: 5_000, tries: 1});
	const driver = await open();
	t.teardown(() => Promise.all([requests.close(), driver.close()]).then(() => undefined));
	const left: string[] = [];
	for await (const {key} of real ? driver.list('') : new Bucket(requests, optionsOf()).list('', {})) {
		left.push(key);
	}
	t.deepEqual(left, []);
});

test.serial('chunks of ordinary size go up and down in bounded memory', async t => {
	const transfer = await measureTransfer({
		plugin: '@stowage/gcs',
		options: optionsOf({chunkMebibytes: 8}),
		mebibytes: 128,
	});
	t.true(transfer.peakMemory < 250 * mebibyte, JSON.stringify(transfer));
});
