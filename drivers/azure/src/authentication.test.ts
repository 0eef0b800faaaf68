import {Readable} from 'node:stream';
import {text} from 'node:stream/consumers';
import {
	AccountSASPermissions,
	AccountSASResourceTypes,
	AccountSASServices,
	ContainerSASPermissions,
	SASProtocol,
	StorageSharedKeyCredential,
	generateAccountSASQueryParameters,
	generateBlobSASQueryParameters,
} from '@azure/storage-blob';
import type {StorageDriver} from '@stowage/core';
import {type AzureIdentity, startAzureIdentity} from '@stowage/test-servers/azure-identity';
import {azureContainers} from '@stowage/test-servers/azure-containers';
import {silentLogger} from '@stowage/testing';
import test, {type ExecutionContext} from 'ava';
import {azureDriver} from './azure-driver-type.ts';
import type {AzureOptions} from './options.ts';

const settings = {prefix: '', blockMebibytes: 1, parallelBlocks: 3, timeoutSeconds: 30, tries: 2};
const newContainer = azureContainers();
let identity: AzureIdentity;

test.before(async () => {
	identity = await startAzureIdentity();
});

test.after.always(() => identity.close());

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

test.serial('a managed identity is used without any key, and signs addresses by a delegated key', async t => {
	const {options, asked} = identity;
	const before = asked.length;
	await use(t, await open(t, options));
	const request = {resource: 'https://storage.azure.com', clientId: null, header: 'secret of the host'};
	t.deepEqual([...new Set(asked.slice(before).map(each => JSON.stringify(each)))], [JSON.stringify(request)]);
});

test.serial('one of several identities of a machine is asked for by its client id', async t => {
	const {options, asked} = identity;
	const driver = await open(t, {...options, managedIdentityClientId: 'client-of-the-registry'});
	await use(t, driver);
	t.is(asked.at(-1)?.clientId, 'client-of-the-registry');
});

test.serial('a silent identity is unavailable, and used again by the same driver when it answers', async t => {
	const {options} = identity;
	t.teardown(() => Object.assign(identity, {silent: false, lifetimeSeconds: 3600}));
	// None of its tokens is good for another call.
	identity.lifetimeSeconds = 4;
	const limits = {timeoutSeconds: 10, tries: 1};
	const driver = await open(t, {...options, ...limits, managedIdentityClientId: 'client-of-silence'});
	identity.silent = true;
	const signal = AbortSignal.timeout(100);
	t.is(await t.throwsAsync(driver.stat('a', {signal})), signal.reason);
	t.is(driver.classify(await t.throwsAsync(driver.stat('a'), {message: /no token within 10000 ms/})), 'unavailable');
	identity.silent = false;
	t.is(await driver.stat('a'), undefined);
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
