import {randomBytes} from 'node:crypto';
import {Readable} from 'node:stream';
import {buffer} from 'node:stream/consumers';
import {FaultProxy} from '@stowage/test-servers';
import {gcsBuckets} from '@stowage/test-servers/gcs-buckets';
import {type FaultLimits, storageFaultSuite} from '@stowage/test-servers/storage-fault-suite';
import {silentLogger} from '@stowage/testing';
import test from 'ava';
import {gcsDriver} from './gcs-driver-type.ts';

const mebibyte = 1024 * 1024;
const context = {name: 'cloud', logger: silentLogger};
// It tells how far an upload has come, as the service does.
const newBucket = gcsBuckets('gcpEmulator', {real: false});

async function openBucket() {
	const {apiEndpoint: endpoint = '', ...bucket} = await newBucket();
	const open = async (url: string, limits: FaultLimits) => {
		const apiEndpoint = url.replace(/\/$/, '');
		return gcsDriver.create({...bucket, ...limits, apiEndpoint, chunkMebibytes: 1}, context);
	};
	return {endpoint, open};
}

storageFaultSuite({
	test: test.serial,
	service: openBucket,
	cuts: {bytes: 6 * mebibyte + 5, after: 1_700_000, times: 3},
});

test.serial('a chunk whose answer was lost is asked after, and not stored twice', async t => {
	const {endpoint, open} = await openBucket();
	const {hostname: host, port} = new URL(endpoint);
	const proxy = await FaultProxy.start({host, port: Number(port)});
	t.teardown(() => proxy.close());
	const driver = await open(`http://127.0.0.1:${proxy.port}`, {tries: 4, timeoutSeconds: 30});
	t.teardown(() => driver.close());
	const bytes = randomBytes(4 * mebibyte + 5);
	// Answers to chunks are short: each of these cuts loses one.
	proxy.plan({kind: 'cut', direction: 'down', after: 500, times: 3});
	await driver.sealUpload(await driver.appendUpload(await driver.createUpload('a'), Readable.from([bytes])));
	t.is(proxy.happened, 3);
	t.true(bytes.equals(await buffer(await driver.read('a'))));
});
