import {createVerify, generateKeyPairSync, hash} from 'node:crypto';
import {once} from 'node:events';
import {mkdtemp, rm, writeFile} from 'node:fs/promises';
import {type IncomingMessage, type ServerResponse, createServer} from 'node:http';
import type {AddressInfo} from 'node:net';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {text} from 'node:stream/consumers';
import type {StorageDriver} from '@stowage/core';
import {silentLogger} from '@stowage/testing';
import test, {type ExecutionContext} from 'ava';
import {gcsDriver} from './gcs-driver-type.ts';
import type {GcsOptions} from './options.ts';

const {privateKey, publicKey} = generateKeyPairSync('rsa', {modulusLength: 2048});
const pem = privateKey.export({type: 'pkcs8', format: 'pem'}).toString();
const address = 'registry@example.iam.gserviceaccount.com';

interface Asked {
	readonly line: string;
	readonly authorization: string | undefined;
	readonly body: string;
}

/** A service that agrees to everything, and gives tokens, for emulators ask for none. */
async function startService(t: ExecutionContext): Promise<{url: string; asked: Asked[]}> {
	const asked: Asked[] = [];
	const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
		const line = `${request.method} ${request.url}`;
		asked.push({line, authorization: request.headers.authorization, body: await text(request)});
		const token = {access_token: 'federated', issued_token_type: 'urn:x', token_type: 'Bearer', expires_in: 3600};
		response.setHeader('content-type', 'application/json');
		response.end(JSON.stringify(line.startsWith('POST /token') ? token : {}));
	};
	const server = createServer((request, response) => {
		void answer(request, response);
	}).listen(0, '127.0.0.1');
	await once(server, 'listening');
	t.teardown(() => {
		server.closeAllConnections();
		server.close();
	});
	return {url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked};
}

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
	const {url, asked} = await startService(t);
	const keyFile = await fileOf(t, {type: 'service_account', client_email: address, private_key: pem});
	const driver = await open(t, {apiEndpoint: url, keyFile, prefix: 'some/where'});
	t.true(asked.length >= 3);
	t.deepEqual([...new Set(asked.map(({authorization}) => issuerOf(authorization)))], [address]);

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
	const {url, asked} = await startService(t);
	const driver = await open(t, {apiEndpoint: url, credentials: {client_email: address, private_key: pem}});
	t.is(issuerOf(asked.at(-1)?.authorization), address);
	t.true(isSignedFor('GET', await driver.signedUrl!('a', {expiresInSeconds: 60})));
});

test.serial('workload identity federation exchanges a token of the workload', async t => {
	const {url, asked} = await startService(t);
	const driver = await open(t, {apiEndpoint: url, keyFile: await federation(t, url)});
	const exchange = asked.find(({line}) => line === 'POST /token');
	t.is(new URLSearchParams(exchange?.body).get('subject_token'), 'token of the workload');
	t.is(asked.at(-1)?.authorization, 'Bearer federated');
	t.is(await driver.signedUrl?.('a', {expiresInSeconds: 60}), undefined, 'there is no service account to sign as');
});

test.serial('application default credentials are used when nothing else is told', async t => {
	const {url, asked} = await startService(t);
	process.env.GOOGLE_APPLICATION_CREDENTIALS = await federation(t, url);
	t.teardown(() => delete process.env.GOOGLE_APPLICATION_CREDENTIALS);
	await open(t, {apiEndpoint: url});
	t.is(asked.at(-1)?.authorization, 'Bearer federated');
});

test.serial('what cannot work is said when the storage is opened, with what to do', async t => {
	const {url} = await startService(t);
	const refused = (options: Partial<GcsOptions>, message: RegExp) => t.throwsAsync(open(t, options), {message});
	await refused({keyFile: '/nowhere/key.json'}, /"cloud".*"registry".*"\/nowhere\/key.json" cannot be read/s);
	await refused({keyFile: await fileOf(t, {type: 'authorized_user'})}, /of the type "authorized_user"/);
	await refused({keyFile: await fileOf(t, {type: 'external_account'})}, /.+/);
	await refused({apiEndpoint: 'http://127.0.0.1:1', authenticate: false}, /check "apiEndpoint"/);
	await refused({apiEndpoint: 'http://nobody.invalid', authenticate: false}, /check "apiEndpoint"/);
	await t.notThrowsAsync(open(t, {apiEndpoint: url, authenticate: false}));
});

/** Checks an address as the service does (Cloud Storage, V4 signing process), with the public key. The SDK signs no port. */
function isSignedFor(method: string, url: URL): boolean {
	const parameters = [...url.searchParams].filter(([name]) => name !== 'X-Goog-Signature');
	const query = parameters
		.map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`)
		.toSorted()
		.join('&');
	const request = [method, url.pathname, query, `host:${url.hostname}\n`, 'host', 'UNSIGNED-PAYLOAD'].join('\n');
	const date = url.searchParams.get('X-Goog-Date');
	const scope = url.searchParams.get('X-Goog-Credential')?.split('/').slice(1).join('/');
	const hashed = hash('sha256', request);
	const signature = Buffer.from(url.searchParams.get('X-Goog-Signature') ?? '', 'hex');
	return createVerify('RSA-SHA256')
		.update(['GOOG4-RSA-SHA256', date, scope, hashed].join('\n'))
		.verify(publicKey, signature);
}
