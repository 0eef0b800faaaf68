import {type AzureContainer, azuriteAddress, createAzureContainer} from './azure-container.ts';
import {findAzureAccount} from './find-azure-account.ts';
import {sharedStore} from './stores.ts';

/**
 * Makes new, empty containers: in the real account that the environment names, unless that is not to be used, else in an
 * Azurite that all test files of a run share. To be called while the test file is loaded.
 */
export function azureContainers({real = true}: {readonly real?: boolean} = {}): () => Promise<AzureContainer> {
	const account = real ? findAzureAccount() : undefined;
	if (account !== undefined) {
		return () => createAzureContainer(account);
	}
	const emulator = sharedStore('azurite');
	return async () => createAzureContainer(azuriteAddress(await emulator()));
}
