import {
	AnonymousCredential,
	BlobServiceClient,
	type StoragePipelineOptions,
	StorageSharedKeyCredential,
} from '@azure/storage-blob';
import {createHttpClient} from './http-client.ts';
import type {AzureOptions} from './options.ts';
import {type SignUrl, accountKeySigner, delegationKeySigner} from './url-signer.ts';

/** The blob service of one account, as one identity. */
export interface Account {
	readonly service: BlobServiceClient;
	/** Left out where a shared access signature is all there is: handing it on would hand on all its rights. */
	readonly signUrl?: SignUrl;
	close(): void;
}

/** Options that contradict each other or are not enough. */
export class AzureOptionsError extends Error {
	override readonly name = 'AzureOptionsError';
	readonly code = 'AZURE_OPTIONS_INVALID';
}

/** Does not call the service yet. Rejects with `AzureOptionsError`, or when a key or a connection string cannot be one. */
export async function openAccount(options: AzureOptions): Promise<Account> {
	checkAuthentication(options);
	const url = serviceUrl(options);
	const http = createHttpClient(url, options.timeoutSeconds * 1000);
	const pipeline: StoragePipelineOptions = {
		httpClient: http,
		retryOptions: {maxTries: options.tries, retryDelayInMs: 400, maxRetryDelayInMs: 10_000},
		userAgentOptions: {userAgentPrefix: 'stowage'},
	};
	return {...(await connect(options, url, pipeline)), close: () => http.close()};
}

async function connect(
	options: AzureOptions,
	url: string,
	pipeline: StoragePipelineOptions,
): Promise<Omit<Account, 'close'>> {
	if (options.connectionString !== undefined) {
		const service = fromConnectionString(options.connectionString, pipeline);
		const {credential} = service;
		return {
			service,
			...(credential instanceof StorageSharedKeyCredential ? {signUrl: accountKeySigner(credential)} : {}),
		};
	}
	if (options.sas !== undefined) {
		const address = `${url}?${options.sas.replace(/^\?/, '')}`;
		return {service: new BlobServiceClient(address, new AnonymousCredential(), pipeline)};
	}
	if (options.accountKey !== undefined) {
		const credential = new StorageSharedKeyCredential(accountOf(options), options.accountKey);
		return {service: new BlobServiceClient(url, credential, pipeline), signUrl: accountKeySigner(credential)};
	}
	const {DefaultAzureCredential} = await import('@azure/identity');
	const credential = new DefaultAzureCredential({managedIdentityClientId: options.managedIdentityClientId});
	const service = new BlobServiceClient(url, credential, pipeline);
	return {service, signUrl: delegationKeySigner(service, accountOf(options))};
}

function fromConnectionString(connectionString: string, pipeline: StoragePipelineOptions): BlobServiceClient {
	try {
		return BlobServiceClient.fromConnectionString(connectionString, pipeline);
	} catch (cause) {
		throw new AzureOptionsError('"connectionString" is none: copy it from the access keys of the account', {cause});
	}
}

function checkAuthentication({accountKey, sas, connectionString, managedIdentityClientId}: AzureOptions): void {
	const given = Object.entries({accountKey, sas, connectionString, managedIdentityClientId})
		.filter(([, value]) => value !== undefined)
		.map(([name]) => `"${name}"`);
	if (given.length > 1) {
		throw new AzureOptionsError(`${given.join(' and ')} cannot be used together: leave one`);
	}
}

function serviceUrl({endpoint, account, connectionString}: AzureOptions): string {
	if (connectionString !== undefined) {
		return /(^|;)\s*(DefaultEndpointsProtocol=http|BlobEndpoint=http:.*|UseDevelopmentStorage=true)\s*(;|$)/i.test(
			connectionString,
		)
			? 'http:'
			: 'https:';
	}
	if (endpoint !== undefined) {
		return endpoint.replace(/\/+$/, '');
	}
	if (account === undefined) {
		throw new AzureOptionsError('name the storage account in "account", or give a "connectionString"');
	}
	return `https://${account}.blob.core.windows.net`;
}

function accountOf({account}: AzureOptions): string {
	if (account === undefined) {
		throw new AzureOptionsError('name the storage account in "account": it is needed to sign with');
	}
	return account;
}
