import {randomUUID} from 'node:crypto';
import {BlobServiceClient, type ContainerClient, StorageSharedKeyCredential} from '@azure/storage-blob';
import {azuriteAccount} from './azurite.ts';
import {sharedStore} from './stores.ts';

/** How a client reaches an account. */
export interface AzureAddress {
	readonly endpoint: string;
	readonly account: string;
	readonly accountKey: string;
}

export interface AzureContainer extends AzureAddress {
	readonly container: string;
	readonly client: ContainerClient;
	/** Removes it with all that is in it. */
	remove(): Promise<void>;
}

/**
 * Makes new, empty containers: in the account that AZURE_TEST_ACCOUNT and AZURE_TEST_ACCOUNT_KEY name, else in an Azurite
 * that all test files of a run share. To be called while the test file is loaded.
 */
export function azureContainers(): () => Promise<AzureContainer> {
	const {AZURE_TEST_ACCOUNT: account, AZURE_TEST_ACCOUNT_KEY: accountKey} = process.env;
	if (account !== undefined && accountKey !== undefined) {
		const address = {endpoint: `https://${account}.blob.core.windows.net`, account, accountKey};
		return () => createAzureContainer(address);
	}
	const emulator = sharedStore('azurite');
	return async () => createAzureContainer(azuriteAddress(await emulator()));
}

export function azuriteAddress(endpoint: string): AzureAddress {
	return {endpoint, account: azuriteAccount.name, accountKey: azuriteAccount.key};
}

export async function createAzureContainer(address: AzureAddress): Promise<AzureContainer> {
	const credential = new StorageSharedKeyCredential(address.account, address.accountKey);
	const container = `stowage-test-${randomUUID()}`;
	const client = new BlobServiceClient(address.endpoint, credential).getContainerClient(container);
	await client.create();
	return {
		...address,
		container,
		client,
		remove: async () => {
			await client.delete();
		},
	};
}
