import {execFile} from 'node:child_process';
import {once} from 'node:events';
import {mkdtemp, readFile, rm} from 'node:fs/promises';
import {type IncomingMessage, type ServerResponse, createServer} from 'node:http';
import type {AddressInfo} from 'node:net';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {getCACertificates, setDefaultCACertificates} from 'node:tls';
import {promisify} from 'node:util';
import {BlobServiceClient} from '@azure/storage-blob';
import {azuriteAccount, startAzurite} from './azurite.ts';

/** What the identity was asked. */
export interface IdentityRequest {
	readonly resource: string | null;
	readonly clientId: string | null;
	readonly header: unknown;
}

/** An account of Azurite that takes tokens, and the managed identity of this process, which gives them. */
export interface AzureIdentity {
	/** With which a driver reaches a container of the account as the identity. */
	readonly options: {readonly endpoint: string; readonly account: string; readonly container: string};
	readonly asked: readonly IdentityRequest[];
	/** Whether it leaves without an answer whoever asks. */
	silent: boolean;
	/** How long the tokens are good that it gives. */
	lifetimeSeconds: number;
	close(): Promise<void>;
}

/**
 * Starts both over TLS that this process trusts, and lets the environment say where the identity is. Once a process: the
 * SDK of Azure remembers what it found.
 */
export async function startAzureIdentity(): Promise<AzureIdentity> {
	const folder = await mkdtemp(join(tmpdir(), 'stowage-azure-identity-'));
	const tls = await makeCertificate(folder);
	const trusted = getCACertificates('default');
	setDefaultCACertificates([...trusted, await readFile(tls.certificate, 'utf8')]);
	const azurite = await startAzurite({tls});
	const container = 'blobs';
	const credential = {getToken: async () => ({token: accessToken(3600), expiresOnTimestamp: Date.now() + 3_600_000})};
	await new BlobServiceClient(azurite.url, credential).createContainer(container);
	const asked: IdentityRequest[] = [];
	const identity: AzureIdentity = {
		options: {endpoint: azurite.url, account: azuriteAccount.name, container},
		asked,
		silent: false,
		lifetimeSeconds: 3600,
		close: async () => {
			delete process.env['IDENTITY_ENDPOINT'];
			delete process.env['IDENTITY_HEADER'];
			setDefaultCACertificates(trusted);
			server.closeAllConnections();
			server.close();
			await azurite.stop();
			await rm(folder, {recursive: true});
		},
	};
	const server = createServer((request, response) => {
		asked.push(readRequest(request));
		if (!identity.silent) {
			giveToken(response, identity.lifetimeSeconds);
		}
	}).listen(0, '127.0.0.1');
	await once(server, 'listening');
	process.env['IDENTITY_ENDPOINT'] = `http://127.0.0.1:${(server.address() as AddressInfo).port}/msi/token`;
	process.env['IDENTITY_HEADER'] = 'secret of the host';
	return identity;
}

/** As App Service is asked (api-version 2019-08-01). */
function readRequest({url = '', headers}: IncomingMessage): IdentityRequest {
	const {searchParams} = new URL(url, 'http://localhost');
	return {
		resource: searchParams.get('resource'),
		clientId: searchParams.get('client_id'),
		header: headers['x-identity-header'],
	};
}

function giveToken(response: ServerResponse, lifetimeSeconds: number): void {
	response.setHeader('content-type', 'application/json');
	response.end(
		JSON.stringify({
			access_token: accessToken(lifetimeSeconds),
			expires_on: Math.floor(Date.now() / 1000) + lifetimeSeconds,
			resource: 'https://storage.azure.com',
			token_type: 'Bearer',
		}),
	);
}

async function makeCertificate(folder: string): Promise<{certificate: string; key: string}> {
	const [certificate, key] = [join(folder, 'certificate.pem'), join(folder, 'key.pem')];
	const kind = 'req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=127.0.0.1';
	const names = ['-addext', 'subjectAltName=IP:127.0.0.1', '-keyout', key, '-out', certificate];
	await promisify(execFile)('openssl', [...kind.split(' '), ...names]);
	return {certificate, key};
}

/** As Entra ID gives them, but for the signature, which the emulator does not look at. */
function accessToken(lifetimeSeconds: number): string {
	const now = Math.floor(Date.now() / 1000);
	const tenant = '00000000-0000-0000-0000-000000000001';
	const claims = {
		aud: 'https://storage.azure.com',
		iss: `https://sts.windows.net/${tenant}/`,
		iat: now - 60,
		nbf: now - 60,
		exp: now + Math.max(lifetimeSeconds, 60),
		oid: '00000000-0000-0000-0000-000000000002',
		tid: tenant,
	};
	return `${encode({alg: 'RS256', typ: 'JWT'})}.${encode(claims)}.${Buffer.from('signature').toString('base64url')}`;
}

function encode(value: object): string {
	return Buffer.from(JSON.stringify(value)).toString('base64url');
}
