import {s3Buckets} from '@stowage/test-servers/s3-buckets';
import {storageFaultSuite} from '@stowage/test-servers/storage-fault-suite';
import {silentLogger} from '@stowage/testing';
import test from 'ava';
import {openClients} from './open-client.ts';
import {s3Driver} from './s3-driver-type.ts';
import {S3Driver} from './s3-driver.ts';

const mebibyte = 1024 * 1024;
const newBucket = s3Buckets('moto', {real: false});
const settings = {partMebibytes: 5, equalParts: false, parallelParts: 3, copyMebibytes: 1024, connections: 64};

storageFaultSuite({
	test,
	async service() {
		const {endpoint = '', ...bucket} = await newBucket();
		return {
			endpoint,
			open: async (url, limits) =>
				s3Driver.create({...settings, ...bucket, ...limits, endpoint: url}, {name: 'cloud', logger: silentLogger}),
		};
	},
	cuts: {bytes: 22 * mebibyte + 5, after: 700_000, times: 4},
});

test('a bucket that is not there is trouble, and no missing object', async t => {
	const options = {...settings, ...(await newBucket()), bucket: 'gone', timeoutSeconds: 30, tries: 2};
	const driver = new S3Driver(openClients(options), options);
	t.teardown(() => driver.close());
	t.is(driver.classify(await t.throwsAsync(driver.read('a'))), 'unavailable');
	t.is(driver.classify(await t.throwsAsync(driver.check())), 'unavailable');
	t.is(driver.classify(await t.throwsAsync(driver.sealUpload({key: 'a', offset: 0}))), 'unavailable');
});
