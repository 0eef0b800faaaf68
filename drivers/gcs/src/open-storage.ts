import {readFile} from 'node:fs/promises';
import {Storage} from '@google-cloud/storage';
import {
	AwsClient,
	type AwsClientOptions,
	BaseExternalAccountClient,
	GoogleAuth,
	IdentityPoolClient,
	type IdentityPoolClientOptions,
	JWT,
	type JWTInput,
	PluggableAuthClient,
	type PluggableAuthClientOptions,
	UserRefreshClient,
} from 'google-auth-library';
import {CredentialsError, credentialsFailure} from './errors.ts';
import type {GcsOptions} from './options.ts';

const scopes = ['https://www.googleapis.com/auth/cloud-platform'];

/** The SDK's view of the service, as one identity. Rejects with `CredentialsError` when a key file is none. */
export async function openStorage(options: GcsOptions): Promise<Storage> {
	const {apiEndpoint} = options;
	return new Storage({
		authClient: await authOf(options),
		...(apiEndpoint === undefined ? {} : {apiEndpoint, useAuthWithCustomEndpoint: true}),
	});
}

/** Headers that authenticate a call; the token in them is kept as long as it is good. */
export async function authorize({authClient}: Storage, url: string): Promise<Readonly<Record<string, string>>> {
	try {
		return Object.fromEntries(await authClient.getRequestHeaders(url));
	} catch (cause) {
		throw credentialsFailure(cause);
	}
}

/** Whether there is a service account, which signs with its key or has the IAM API sign. */
export async function canSign({authClient}: Storage, {authenticate, credentials}: GcsOptions): Promise<boolean> {
	if (!authenticate) {
		return credentials !== undefined;
	}
	try {
		const client = await authClient.getClient();
		return client instanceof BaseExternalAccountClient
			? client.getServiceAccountEmail() !== null
			: !(client instanceof UserRefreshClient);
	} catch (cause) {
		throw credentialsFailure(cause);
	}
}

async function authOf({keyFile, credentials, authenticate}: GcsOptions): Promise<GoogleAuth> {
	if (credentials !== undefined) {
		return serviceAccount({...credentials});
	}
	if (keyFile === undefined) {
		// No call needs a project; without one here the library asks another service for it.
		return new GoogleAuth({scopes, projectId: 'none', ...(authenticate ? {} : {authClient: new JWT()})});
	}
	const key = await readKey(keyFile);
	switch (key.type) {
		case 'service_account':
			return serviceAccount(key);
		case 'external_account':
			return federated(key);
		default:
			throw new CredentialsError(
				`"${keyFile}" is of the type "${key.type}": a key file is of a service account or of workload identity federation`,
			);
	}
}

function serviceAccount(key: JWTInput): GoogleAuth {
	const client = new JWT({email: key.client_email, key: key.private_key, scopes});
	// The account signs its tokens itself (google.aip.dev/auth/4111): nobody has to be asked for them.
	client.useJWTAccessWithScope = true;
	const auth = new GoogleAuth({authClient: client});
	// Where signing looks for the address.
	auth.jsonContent = key;
	return auth;
}

/** Configurations of workload identity federation differ in where the token of the workload comes from. */
function federated(key: JWTInput): GoogleAuth {
	const {credential_source: source} = key as {readonly credential_source?: Readonly<Record<string, unknown>>};
	const options = {...key, scopes};
	if (typeof source?.['environment_id'] === 'string') {
		return new GoogleAuth({authClient: new AwsClient(options as unknown as AwsClientOptions)});
	}
	if (source?.['executable'] !== undefined) {
		return new GoogleAuth({authClient: new PluggableAuthClient(options as unknown as PluggableAuthClientOptions)});
	}
	return new GoogleAuth({authClient: new IdentityPoolClient(options as unknown as IdentityPoolClientOptions)});
}

async function readKey(keyFile: string): Promise<JWTInput> {
	try {
		return JSON.parse(await readFile(keyFile, 'utf8')) as JWTInput;
	} catch (cause) {
		throw new CredentialsError(`"${keyFile}" cannot be read as a key: ${messageOf(cause)}`, {cause});
	}
}

function messageOf(cause: unknown): string {
	return cause instanceof Error ? cause.message : String(cause);
}
