import {mkdtemp, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import type {StorageDriver} from '@stowage/core';
import {silentLogger} from '@stowage/testing';
import test, {type ExecutionContext} from 'ava';
import {serviceAccount, startGoogleServices} from './fixtures/google-services.ts';
import {isSignedFor} from './fixtures/is-signed-for.ts';
import {gcsDriver} from './gcs-driver-type.ts';
import type {GcsOptions} from './options.ts';

const {email, pem} = serviceAccount;

async function fileOf(t: ExecutionContext, content: object): Promise<string> {
	const folder = await mkdtemp(join(tmpdir(), 'stowage-gcs-'));
	t.teardown(() => rm(folder, {recursive: true}));
	const file = join(folder, 'key.json');
	await writeFile(file, JSON.stringify(content));
	return file;
}

async function open(t: ExecutionContext, options: Partial<GcsOptions>): Promise<StorageDriver> {
	const settings = {
		bucket: 'registry',
		prefix: '',
		authenticate: true,
		chunkMebibytes: 1,
		timeoutSeconds: 10,
		tries: 2,
	};
	const driver = await gcsDriver.create({...settings, ...options}, {name: 'cloud', logger: silentLogger});
	t.teardown(() => driver.close());
	return driver;
}

/** A configuration of workload identity federation whose tokens the service at `url` gives. */
async function federation(t: ExecutionContext, url: string): Promise<string> {
	const token = await fileOf(t, {});
	await writeFile(token, 'token of the workload');
	return fileOf(t, {
		type: 'external_account',
		audience: '//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/pool/providers/provider',
		subject_token_type: 'urn:ietf:params:oauth:token-type:jwt',
		token_url: `${url}/token`,
		credential_source: {file: token},
	});
}

/** Whose name a token that a service account signed itself has in it (RFC 7519). */
function issuerOf(authorization = ''): unknown {
	const [, claims = ''] = authorization.replace('Bearer ', '').split('.');
	return (JSON.parse(Buffer.from(claims, 'base64url').toString()) as {iss?: unknown}).iss;
}

test.serial('a key file of a service account is used, and signs addresses for GET', async t => {
	const {url, asked} = await startGoogleServices(t);
	const keyFile = await fileOf(t, {type: 'service_account', client_email: email, private_key: pem});
	const driver = await open(t, {apiEndpoint: url, keyFile, prefix: 'some/where'});
	t.true(asked.length >= 3);
	t.deepEqual([...new Set(asked.map(({authorization}) => issuerOf(authorization)))], [email]);

	const signed = await driver.signedUrl!('blobs/a', {
		expiresInSeconds: 90,
		contentType: 'application/vnd.example+thing',
	});
	t.is(signed.origin, url);
	t.is(signed.pathname, '/registry/some/where/blobs/a');
	t.is(signed.searchParams.get('response-content-type'), 'application/vnd.example+thing');
	t.true(Math.abs(Number(signed.searchParams.get('X-Goog-Expires')) - 90) <= 1);
	t.true(isSignedFor('GET', signed));
	t.false(isSignedFor('PUT', signed));
});

test.serial('a key in the configuration is used', async t => {
	const {url, asked} = await startGoogleServices(t);
	const driver = await open(t, {apiEndpoint: url, credentials: {client_email: email, private_key: pem}});
	t.is(issuerOf(asked.at(-1)?.authorization), email);
	t.true(isSignedFor('GET', await driver.signedUrl!('a', {expiresInSeconds: 60})));
});

test.serial('workload identity federation exchanges a token of the workload', async t => {
	const {url, asked} = await startGoogleServices(t);
	const driver = await open(t, {apiEndpoint: url, keyFile: await federation(t, url)});
	const exchange = asked.find(({line}) => line === 'POST /token');
	t.is(new URLSearchParams(exchange?.body).get('subject_token'), 'token of the workload');
	t.is(asked.at(-1)?.authorization, 'Bearer federated');
	t.is(await driver.signedUrl?.('a', {expiresInSeconds: 60}), undefined, 'there is no service account to sign as');
});

test.serial('application default credentials are used when nothing else is told', async t => {
	const {url, asked} = await startGoogleServices(t);
	process.env.GOOGLE_APPLICATION_CREDENTIALS = await federation(t, url);
	t.teardown(() => delete process.env.GOOGLE_APPLICATION_CREDENTIALS);
	await open(t, {apiEndpoint: url});
	t.is(asked.at(-1)?.authorization, 'Bearer federated');
});

test.serial('the service account of a machine is used when nothing else is told', async t => {
	const {url, asked} = await startGoogleServices(t);
	process.env.GCE_METADATA_HOST = url;
	t.teardown(() => delete process.env.GCE_METADATA_HOST);
	const driver = await open(t, {apiEndpoint: url});
	t.is(asked.at(-1)?.authorization, 'Bearer of the machine');
	t.true('signedUrl' in driver, 'the IAM API signs for it');
});

test.serial('trouble where tokens come from is trouble, and tried again', async t => {
	const services = await startGoogleServices(t);
	const keyFile = await federation(t, services.url);
	const driver = await open(t, {apiEndpoint: services.url, keyFile});
	services.refuse(/token$/, 503);
	t.is(driver.classify(await t.throwsAsync(driver.stat('a'))), 'unavailable');
	services.refuse(/token$/, 400);
	t.is(driver.classify(await t.throwsAsync(driver.stat('a'))), 'denied');
	services.refuse(/token$/, 503, 1);
	await t.notThrowsAsync(driver.stat('a'));
});

test.serial('what cannot work is said when the storage is opened, with what to do', async t => {
	const {url} = await startGoogleServices(t);
	const refused = (options: Partial<GcsOptions>, message: RegExp) => t.throwsAsync(open(t, options), {message});
	await refused({keyFile: '/nowhere/key.json'}, /"cloud".*"registry".*"\/nowhere\/key.json" cannot be read/s);
	await refused({keyFile: await fileOf(t, {type: 'authorized_user'})}, /of the type "authorized_user"/);
	await refused({keyFile: await fileOf(t, {type: 'external_account'})}, /.+/);
	await refused({apiEndpoint: 'http://127.0.0.1:1', authenticate: false}, /check "apiEndpoint"/);
	await refused({apiEndpoint: 'http://nobody.invalid', authenticate: false}, /check "apiEndpoint"/);
	await t.notThrowsAsync(open(t, {apiEndpoint: url, authenticate: false}));
});
