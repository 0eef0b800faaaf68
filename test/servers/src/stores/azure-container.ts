import {randomUUID} from 'node:crypto';
import {BlobServiceClient, type ContainerClient, StorageSharedKeyCredential} from '@azure/storage-blob';
import {azuriteAccount} from './azurite.ts';

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
