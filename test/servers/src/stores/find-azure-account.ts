import type {AzureAddress} from './azure-container.ts';

/** The real account that AZURE_TEST_ACCOUNT and AZURE_TEST_ACCOUNT_KEY name, to be used instead of an emulator. */
export function findAzureAccount(): AzureAddress | undefined {
	const {AZURE_TEST_ACCOUNT: account, AZURE_TEST_ACCOUNT_KEY: accountKey} = process.env;
	return account === undefined || accountKey === undefined
		? undefined
		: {endpoint: `https://${account}.blob.core.windows.net`, account, accountKey};
}
