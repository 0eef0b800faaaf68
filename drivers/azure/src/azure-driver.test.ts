import {randomBytes} from 'node:crypto';
import {Readable} from 'node:stream';
import {buffer} from 'node:stream/consumers';
import type {StorageDriver} from '@stowage/core';
import {measureTransfer} from '@stowage/test-servers';
import {azureContainers} from '@stowage/test-servers/azure-containers';
import {silentLogger, storageDriverSuite} from '@stowage/testing';
import test from 'ava';
import {azureDriver} from './azure-driver-type.ts';
import {AzureDriver} from './azure-driver.ts';
import {openAccount} from './open-account.ts';
import type {AzureOptions} from './options.ts';

const mebibyte = 1024 * 1024;
const settings = {blockMebibytes: 1, parallelBlocks: 3, timeoutSeconds: 60, tries: 5};
const newContainer = azureContainers();
let container: Awaited<ReturnType<typeof newContainer>>;

test.before(async () => {
	container = await newContainer();
});

test.after.always(() => container.remove());

function optionsOf(options: Partial<AzureOptions> = {}): AzureOptions {
	const {endpoint, account, accountKey, container: name} = container;
	return {...settings, prefix: 'some/where', container: name, endpoint, account, accountKey, ...options};
}

function open(): Promise<StorageDriver> {
	return azureDriver.create(optionsOf(), {name: 'cloud', logger: silentLogger});
}

storageDriverSuite({
	test: test.serial,
	open,
	partSize: mebibyte,
	listedObjects: 1_000,
	signedUrls: true,
	// Few bytes stay in the state, and then there is nothing on the service that could be missed.
	abortsAreFinal: false,
	openDenied: async () => {
		const options = optionsOf({accountKey: undefined, sas: 'sv=2020-12-06&sr=c&sp=l&se=2020-01-01&sig=bm9uZQ%3D%3D'});
		return new AzureDriver(await openAccount(options), options);
	},
});

test.serial('the suite leaves no blob and no block behind', async t => {
	const left: string[] = [];
	for await (const {name} of container.client.listBlobsFlat({includeUncommitedBlobs: true})) {
		left.push(name);
	}
	t.deepEqual(left, []);
});

test.serial('blocks of ordinary size go up and down in bounded memory', async t => {
	const transfer = await measureTransfer({
		plugin: '@stowage/azure',
		options: optionsOf({blockMebibytes: 8}),
		mebibytes: 256,
	});
	t.true(transfer.peakMemory < 250 * mebibyte, JSON.stringify(transfer));
});

for (const encryptionScope of [undefined, 'scope-of-the-registry']) {
	const where = encryptionScope === undefined ? 'in the scope of the container' : 'in a scope of its own';
	test.serial(`a tier that is asked for is given to what is published ${where}`, async t => {
		const options = optionsOf({accessTier: 'Cool', encryptionScope});
		const driver = await azureDriver.create(options, {name: 'cloud', logger: silentLogger});
		t.teardown(() => driver.close());
		for (const size of [10, mebibyte + 1]) {
			const bytes = randomBytes(size);
			await driver.sealUpload(await driver.appendUpload(await driver.createUpload('from'), Readable.from([bytes])));
			await driver.move('from', 'to');
			const {accessTier} = await container.client.getBlobClient('some/where/to').getProperties();
			t.is(accessTier, 'Cool');
			t.true(bytes.equals(await buffer(await driver.read('to'))));
			await driver.delete('to');
		}
	});
}
