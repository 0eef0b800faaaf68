import {
	AnonymousCredential,
	BlobServiceClient,
	type StoragePipelineOptions,
	StorageSharedKeyCredential,
} from '@azure/storage-blob';
import {bearerPolicy} from './bearer-policy.ts';
import {type OpenSource, bearerSource, plainSource, signedSource} from './copy-source.ts';
import {createHttpClient} from './http-client.ts';
import type {AzureOptions} from './options.ts';
import {Tokens} from './tokens.ts';
import {type SignUrl, accountKeySigner, delegationKeySigner} from './url-signer.ts';

/** The blob service of one account, as one identity. */
export interface Account {
	readonly service: BlobServiceClient;
	/** Left out where a shared access signature is all there is: handing it on would hand on all its rights. */
	readonly signUrl?: SignUrl;
	readonly openSource: OpenSource;
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
	const timeout = options.timeoutSeconds * 1000;
	const tokens = usesIdentity(options) ? await openTokens(options, timeout) : undefined;
	const http = createHttpClient(url, timeout, tokens && bearerPolicy(tokens));
	const pipeline: StoragePipelineOptions = {
		httpClient: http,
		retryOptions: {maxTries: options.tries, retryDelayInMs: 400, maxRetryDelayInMs: 10_000},
		userAgentOptions: {userAgentPrefix: 'stowage'},
	};
	const close = () => http.close();
	if (tokens === undefined) {
		return {...connect(options, url, pipeline), close};
	}
	// The client above has the identity.
	const service = new BlobServiceClient(url, new AnonymousCredential(), pipeline);
	return {service, signUrl: delegationKeySigner(service, accountOf(options)), openSource: bearerSource(tokens), close};
}

async function openTokens({managedIdentityClientId}: AzureOptions, timeout: number): Promise<Tokens> {
	const {DefaultAzureCredential} = await import('@azure/identity');
	return new Tokens(new DefaultAzureCredential({managedIdentityClientId}), timeout);
}

/** By what the options have of key, signature and connection string. */
function connect(options: AzureOptions, url: string, pipeline: StoragePipelineOptions): Omit<Account, 'close'> {
	if (options.connectionString !== undefined) {
		const service = fromConnectionString(options.connectionString, pipeline);
		const {credential} = service;
		return credential instanceof StorageSharedKeyCredential
			? {service, ...signedBy(credential)}
			: {service, openSource: plainSource};
	}
	if (options.accountKey !== undefined) {
		const credential = new StorageSharedKeyCredential(accountOf(options), options.accountKey);
		return {service: new BlobServiceClient(url, credential, pipeline), ...signedBy(credential)};
	}
	const address = `${url}?${(options.sas ?? '').replace(/^\?/, '')}`;
	return {service: new BlobServiceClient(address, new AnonymousCredential(), pipeline), openSource: plainSource};
}

function signedBy(credential: StorageSharedKeyCredential): Pick<Account, 'signUrl' | 'openSource'> {
	const signUrl = accountKeySigner(credential);
	return {signUrl, openSource: signedSource(signUrl)};
}

function usesIdentity({accountKey, sas, connectionString}: AzureOptions): boolean {
	return [accountKey, sas, connectionString].every(given => given === undefined);
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
