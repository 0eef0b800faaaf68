import {type AzureContainer, azuriteAddress, createAzureContainer} from './azure-container.ts';
import {sharedStore} from './stores.ts';

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
