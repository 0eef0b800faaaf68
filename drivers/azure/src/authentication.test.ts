import {execFile} from 'node:child_process';
import {once} from 'node:events';
import {mkdtemp, readFile, rm} from 'node:fs/promises';
import {createServer} from 'node:http';
import type {AddressInfo} from 'node:net';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {Readable} from 'node:stream';
import {text} from 'node:stream/consumers';
import {getCACertificates, setDefaultCACertificates} from 'node:tls';
import {promisify} from 'node:util';
import {
	AccountSASPermissions,
	AccountSASResourceTypes,
	AccountSASServices,
	BlobServiceClient,
	ContainerSASPermissions,
	SASProtocol,
	StorageSharedKeyCredential,
	generateAccountSASQueryParameters,
	generateBlobSASQueryParameters,
} from '@azure/storage-blob';
import type {StorageDriver} from '@stowage/core';
import {startAzurite} from '@stowage/test-servers';
import {azureContainers} from '@stowage/test-servers/azure-containers';
import {silentLogger} from '@stowage/testing';
import test, {type ExecutionContext} from 'ava';
import {azureDriver} from './azure-driver-type.ts';
import type {AzureOptions} from './options.ts';

const settings = {prefix: '', blockMebibytes: 1, parallelBlocks: 3, timeoutSeconds: 30, tries: 2};
const newContainer = azureContainers();

async function openContainer(t: ExecutionContext) {
	const container = await newContainer();
	t.teardown(() => container.remove());
	return container;
}

async function open(t: ExecutionContext, options: Partial<AzureOptions> & {container: string}): Promise<StorageDriver> {
	const driver = await azureDriver.create({...settings, ...options}, {name: 'cloud', logger: silentLogger});
	t.teardown(() => driver.close());
	return driver;
}

function signs(driver: StorageDriver): boolean {
	return 'signedUrl' in driver && driver.signedUrl !== undefined;
}

/** Stores, publishes, reads and deletes, for all that a signature or an identity has to allow. */
async function use(t: ExecutionContext, driver: StorageDriver): Promise<void> {
	const bytes = 'some bytes'.repeat(200_000);
	const state = await driver.appendUpload(await driver.createUpload('uploads/a'), Readable.from([Buffer.from(bytes)]));
	await driver.sealUpload(state);
	await driver.move('uploads/a', 'blobs/a');
	t.is(await text(await driver.read('blobs/a')), bytes);
	t.is((await driver.stat('blobs/a'))?.size, bytes.length);
	const url = await driver.signedUrl?.('blobs/a', {expiresInSeconds: 60, contentType: 'text/example'});
	if (url !== undefined) {
		const head = await fetch(url, {method: 'HEAD'});
		t.is(head.status, 200);
		t.is(head.headers.get('content-length'), String(bytes.length));
		t.is(head.headers.get('content-type'), 'text/example');
		t.is((await fetch(url, {method: 'DELETE'})).status, 403);
		t.is((await fetch(url, {method: 'PUT', headers: {'x-ms-blob-type': 'BlockBlob'}, body: ''})).status, 403);
	}
	await driver.delete('blobs/a');
	t.is(await driver.stat('blobs/a'), undefined);
}

test('a connection string is enough', async t => {
	const {endpoint, account, accountKey, container} = await openContainer(t);
	const connectionString = `DefaultEndpointsProtocol=${new URL(endpoint).protocol.slice(0, -1)};AccountName=${account};AccountKey=${accountKey};BlobEndpoint=${endpoint};`;
	const driver = await open(t, {connectionString, container});
	t.true(signs(driver));
	await use(t, driver);
});

test('a signature for the container is enough, and signs nothing for others', async t => {
	const {endpoint, account, accountKey, container} = await openContainer(t);
	const credential = new StorageSharedKeyCredential(account, accountKey);
	const values = {
		containerName: container,
		permissions: ContainerSASPermissions.parse('racwdl'),
		expiresOn: new Date(Date.now() + 600_000),
	};
	const sas = generateBlobSASQueryParameters(values, credential).toString();
	const driver = await open(t, {endpoint, sas: `?${sas}`, container});
	t.false(signs(driver));
	await use(t, driver);
});

test('a connection string with a signature for the account is enough', async t => {
	const {endpoint, account, accountKey, container} = await openContainer(t);
	const values = {
		services: AccountSASServices.parse('b').toString(),
		resourceTypes: AccountSASResourceTypes.parse('sco').toString(),
		permissions: AccountSASPermissions.parse('rwdlac'),
		protocol: SASProtocol.HttpsAndHttp,
		expiresOn: new Date(Date.now() + 600_000),
	};
	const sas = generateAccountSASQueryParameters(values, new StorageSharedKeyCredential(account, accountKey)).toString();
	const driver = await open(t, {
		connectionString: `BlobEndpoint=${endpoint};SharedAccessSignature=${sas}`,
		container,
	});
	t.false(signs(driver));
	await use(t, driver);
});

test('a managed identity is used without any key, and signs addresses by a delegated key', async t => {
	const folder = await mkdtemp(join(tmpdir(), 'stowage-azure-'));
	t.teardown(() => rm(folder, {recursive: true}));
	const tls = await makeCertificate(folder);
	const trusted = getCACertificates('default');
	setDefaultCACertificates([...trusted, await readFile(tls.certificate, 'utf8')]);
	t.teardown(() => setDefaultCACertificates(trusted));
	const azurite = await startAzurite({tls});
	t.teardown(() => azurite.stop());
	const identity = await startIdentityEndpoint(t);
	process.env.IDENTITY_ENDPOINT = identity.url;
	process.env.IDENTITY_HEADER = 'secret of the host';
	t.teardown(() => {
		delete process.env.IDENTITY_ENDPOINT;
		delete process.env.IDENTITY_HEADER;
	});
	const token = {getToken: async () => ({token: accessToken(), expiresOnTimestamp: Date.now() + 600_000})};
	await new BlobServiceClient(azurite.url, token).createContainer('blobs');

	const driver = await open(t, {endpoint: azurite.url, account: 'devstoreaccount1', container: 'blobs'});
	await use(t, driver);
	t.true(identity.asked.length > 0);
	t.true(
		identity.asked.every(
			({resource, header}) => resource === 'https://storage.azure.com' && header === 'secret of the host',
		),
	);
});

test('what cannot work is said when the storage is opened, with what to do', async t => {
	const {endpoint, account, accountKey, container} = await openContainer(t);
	const refused = (options: Partial<AzureOptions>, message: RegExp) =>
		t.throwsAsync(open(t, {container, ...options}), {message});
	await refused(
		{endpoint, account, accountKey, container: 'not-there'},
		/"cloud".*"not-there".*does not exist; create it/s,
	);
	await refused(
		{endpoint, account, accountKey: Buffer.from('other').toString('base64')},
		/cannot use the container .*: the (service does not accept|identity may not)/,
	);
	await refused({accountKey}, /name the storage account/);
	await refused({endpoint, accountKey}, /name the storage account/);
	await refused({endpoint, account, accountKey, sas: 'sv=1'}, /"accountKey" and "sas" cannot be used together/);
	await refused({connectionString: 'nonsense'}, /"connectionString" is none/);
	await refused({endpoint: 'http://127.0.0.1:1/x', account, accountKey}, /check "endpoint"/);
	await refused({endpoint: 'http://nobody.invalid/x', account, accountKey}, /no such host/);
});

async function makeCertificate(folder: string): Promise<{certificate: string; key: string}> {
	const [certificate, key] = [join(folder, 'certificate.pem'), join(folder, 'key.pem')];
	const kind = 'req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=127.0.0.1';
	const names = ['-addext', 'subjectAltName=IP:127.0.0.1', '-keyout', key, '-out', certificate];
	await promisify(execFile)('openssl', [...kind.split(' '), ...names]);
	return {certificate, key};
}

interface Asked {
	readonly resource: string | null;
	readonly header: unknown;
}

/** What the host of a managed identity offers (App Service, api-version 2019-08-01). */
async function startIdentityEndpoint(t: ExecutionContext): Promise<{url: string; asked: Asked[]}> {
	const asked: Asked[] = [];
	const server = createServer((request, response) => {
		const {searchParams} = new URL(request.url ?? '', 'http://localhost');
		asked.push({resource: searchParams.get('resource'), header: request.headers['x-identity-header']});
		response.setHeader('content-type', 'application/json');
		response.end(
			JSON.stringify({
				access_token: accessToken(),
				expires_on: Math.floor(Date.now() / 1000) + 3600,
				resource: 'https://storage.azure.com',
				token_type: 'Bearer',
			}),
		);
	}).listen(0, '127.0.0.1');
	await once(server, 'listening');
	t.teardown(() => {
		server.closeAllConnections();
		server.close();
	});
	return {url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/msi/token`, asked};
}

/** As Entra ID gives them, but for the signature, which the emulator does not look at. */
function accessToken(): string {
	const now = Math.floor(Date.now() / 1000);
	const tenant = '00000000-0000-0000-0000-000000000001';
	const claims = {
		aud: 'https://storage.azure.com',
		iss: `https://sts.windows.net/${tenant}/`,
		iat: now - 60,
		nbf: now - 60,
		exp: now + 3600,
		oid: '00000000-0000-0000-0000-000000000002',
		tid: tenant,
	};
	return `${encode({alg: 'RS256', typ: 'JWT'})}.${encode(claims)}.${Buffer.from('signature').toString('base64url')}`;
}

function encode(value: object): string {
	return Buffer.from(JSON.stringify(value)).toString('base64url');
}
