import type {Readable} from 'node:stream';
import plugin from '@stowage/azure';
import {azuriteAddress, createAzureContainer, startAzurite} from '@stowage/test-servers';
import {silentLogger} from '@stowage/testing';
import {compareTransfers, driverTransport} from './compare-transfers.ts';

const [mebibytes = 256, rounds = 5] = process.argv.slice(2).map(Number);
const azurite = await startAzurite();
try {
	const {client, container, endpoint, account, accountKey} = await createAzureContainer(azuriteAddress(azurite.url));
	const driver = await plugin.storageDrivers![0]!.create(
		{
			container,
			endpoint,
			account,
			accountKey,
			prefix: '',
			blockMebibytes: 8,
			parallelBlocks: 3,
			timeoutSeconds: 60,
			tries: 5,
		},
		{name: 'bench', logger: silentLogger},
	);
	const sdk = {
		name: 'SDK',
		up: async (key: string, body: Readable) => {
			await client.getBlockBlobClient(key).uploadStream(body, 8 * 1024 * 1024, 5);
		},
		down: async (key: string) => (await client.getBlockBlobClient(key).download()).readableStreamBody as Readable,
	};
	await compareTransfers([driverTransport('driver', driver), sdk], {mebibytes, rounds});
	await driver.close();
} finally {
	await azurite.stop();
}
