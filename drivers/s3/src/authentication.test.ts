import {mkdtemp, rm, writeFile} from 'node:fs/promises';
import type {IncomingHttpHeaders, IncomingMessage, ServerResponse} from 'node:http';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {Readable} from 'node:stream';
import {text} from 'node:stream/consumers';
import {setTimeout as pause} from 'node:timers/promises';
import {OptionsValidator, type StorageDriver} from '@stowage/core';
import {serveHttp} from '@stowage/test-servers';
import {s3Buckets} from '@stowage/test-servers/s3-buckets';
import {silentLogger} from '@stowage/testing';
import test, {type ExecutionContext} from 'ava';
import {openClients} from './open-client.ts';
import type {S3Options} from './options.ts';
import {s3Driver} from './s3-driver-type.ts';
import {S3Driver} from './s3-driver.ts';

const settings = {equalParts: false, parallelParts: 3, partMebibytes: 5, copyMebibytes: 1024, connections: 8};
/** This emulator checks signatures. */
const newBucket = s3Buckets('nanio');

async function open(t: ExecutionContext, options: Partial<S3Options>): Promise<StorageDriver> {
	const complete = {...settings, timeoutSeconds: 30, tries: 2, ...options} as S3Options;
	const driver = await s3Driver.create(complete, {name: 'cloud', logger: silentLogger});
	t.teardown(() => driver.close());
	return driver;
}

async function store(driver: StorageDriver, key: string, bytes: string): Promise<void> {
	const state = await driver.appendUpload(await driver.createUpload(key), Readable.from([Buffer.from(bytes)]));
	await driver.sealUpload(state);
}

/** With these variables and no others that the SDK looks at; for tests that run one after the other. */
function setEnvironment(t: ExecutionContext, variables: Readonly<Record<string, string>>): void {
	const known = Object.keys(process.env).filter(name => name.startsWith('AWS_'));
	const before = Object.fromEntries(known.map(name => [name, process.env[name]]));
	for (const name of known) {
		delete process.env[name];
	}
	Object.assign(process.env, variables);
	t.teardown(() => {
		for (const name of Object.keys(variables)) {
			delete process.env[name];
		}
		Object.assign(process.env, before);
	});
}

test.serial('a key is enough to store, publish, read and delete', async t => {
	const driver = await open(t, await newBucket());
	const bytes = 'some bytes'.repeat(600_000);
	await store(driver, 'uploads/a', bytes);
	await driver.move('uploads/a', 'blobs/a');
	t.is(await text(await driver.read('blobs/a')), bytes);
	await driver.delete('blobs/a');
	t.is(await driver.stat('blobs/a'), undefined);
});

test.serial('a signed address is good for a GET of one object, for a while', async t => {
	const driver = await open(t, await newBucket());
	await store(driver, 'a', 'some bytes');
	await store(driver, 'b', 'other bytes');
	const url = (await driver.signedUrl?.('a', {expiresInSeconds: 2})) as URL;
	const part = await fetch(url, {headers: {range: 'bytes=5-9'}});
	t.deepEqual([part.status, await part.text()], [206, 'bytes']);
	const other = new URL(url);
	other.pathname = other.pathname.replace(/a$/, 'b');
	t.is((await fetch(other)).status, 403);
	t.is((await fetch(url, {method: 'DELETE'})).status, 403);
	t.is((await fetch(url, {method: 'PUT', body: 'x'})).status, 403);
	await pause(3_500);
	t.is((await fetch(url)).status, 403);
});

test.serial('signed addresses are those under which clients reach the service', async t => {
	const driver = await open(t, {...(await newBucket()), publicEndpoint: 'https://s3.example.org'});
	await store(driver, 'a', 'some bytes');
	const url = await driver.signedUrl?.('a', {expiresInSeconds: 60, contentType: 'text/example'});
	t.is(url?.origin, 'https://s3.example.org');
	t.true(url?.pathname.endsWith('/some/where/a'));
	t.is(url?.searchParams.get('response-content-type'), 'text/example');
});

test.serial('addresses are signed for the region that the environment names', async t => {
	const options = {...settings, bucket: 'registry', prefix: '', pathStyle: false, timeoutSeconds: 30, tries: 1};
	setEnvironment(t, {AWS_REGION: 'eu-central-1', AWS_ACCESS_KEY_ID: 'key', AWS_SECRET_ACCESS_KEY: 'secret'});
	for (const publicEndpoint of [undefined, 'https://s3.example.org']) {
		const driver = new S3Driver(openClients({...options, publicEndpoint}), {...options, publicEndpoint});
		t.teardown(() => driver.close());
		const url = await driver.signedUrl('a', {expiresInSeconds: 60});
		t.is(url.searchParams.get('X-Amz-Credential')?.split('/')[2], 'eu-central-1');
	}
});

test.serial('variables of the environment and a profile are found without a word in the options', async t => {
	const {accessKeyId, secretAccessKey, ...bucket} = await newBucket();
	const folder = await mkdtemp(join(tmpdir(), 'stowage-s3-profile-'));
	t.teardown(() => rm(folder, {recursive: true}));
	const file = join(folder, 'credentials');
	await writeFile(file, `[registry]\naws_access_key_id=${accessKeyId}\naws_secret_access_key=${secretAccessKey}\n`);
	setEnvironment(t, {AWS_SHARED_CREDENTIALS_FILE: file, AWS_EC2_METADATA_DISABLED: 'true'});
	await store(await open(t, {...bucket, profile: 'registry'}), 'a', 'by profile');
	setEnvironment(t, {AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey});
	t.is(await text(await (await open(t, bucket)).read('a')), 'by profile');
});

test.serial('the role of a container is asked for', async t => {
	const {key, ...bucket} = await bucketForRoles();
	const {url} = await startServer(t, () => JSON.stringify(key));
	setEnvironment(t, {AWS_CONTAINER_CREDENTIALS_FULL_URI: `${url}/role`});
	await store(await open(t, bucket), 'a', 'by role');
	t.pass();
});

test.serial('the role of an instance is asked for, with a session of its own', async t => {
	const {key, ...bucket} = await bucketForRoles();
	const roles = '/latest/meta-data/iam/security-credentials/';
	const answers: Readonly<Record<string, string>> = {
		'PUT /latest/api/token': 'session of the instance',
		[`GET ${roles}`]: 'registry',
		[`GET ${roles}registry`]: JSON.stringify({Code: 'Success', ...key}),
	};
	const {url, asked} = await startServer(t, line => answers[line]);
	setEnvironment(t, {AWS_EC2_METADATA_SERVICE_ENDPOINT: url, AWS_SHARED_CREDENTIALS_FILE: '/nonexistent'});
	await store(await open(t, bucket), 'a', 'by role');
	t.deepEqual([...new Set(asked.map(({line}) => line))], Object.keys(answers));
	t.is(asked.at(-1)?.headers['x-aws-ec2-metadata-token'], 'session of the instance');
});

test.serial('the token of a workload is exchanged for a role', async t => {
	const {key, ...bucket} = await bucketForRoles();
	const folder = await mkdtemp(join(tmpdir(), 'stowage-s3-token-'));
	t.teardown(() => rm(folder, {recursive: true}));
	const file = join(folder, 'token');
	await writeFile(file, 'token of the workload');
	const role = 'arn:aws:iam::123456789012:role/registry';
	const {url, asked} = await startServer(t, () => roleAnswer(key));
	setEnvironment(t, {AWS_ROLE_ARN: role, AWS_WEB_IDENTITY_TOKEN_FILE: file, AWS_ENDPOINT_URL_STS: url});
	await store(await open(t, bucket), 'a', 'by role');
	const sent = new URLSearchParams(asked[0]?.body);
	t.is(sent.get('Action'), 'AssumeRoleWithWebIdentity');
	t.is(sent.get('RoleArn'), role);
	t.is(sent.get('WebIdentityToken'), 'token of the workload');
});

test.serial('a storage that cannot be used says what to do', async t => {
	const bucket = await newBucket();
	const cases: readonly (readonly [Partial<S3Options>, RegExp])[] = [
		[{...bucket, secretAccessKey: 'wrong'}, /"cloud".*"stowage-test-.*the service (refuses|does not accept)/],
		[{...bucket, accessKeyId: 'wrong'}, /the service (refuses|does not know)/],
		[{...bucket, bucket: 'nothing-there'}, /it does not exist; create it/],
		[{...bucket, endpoint: 'http://127.0.0.1:1'}, /nothing listens there: check "endpoint"/],
		[{...bucket, endpoint: 'http://nowhere.invalid'}, /there is no such host/],
	];
	for (const [options, message] of cases) {
		await t.throwsAsync(open(t, {tries: 1, ...options}), {message});
	}
	setEnvironment(t, {AWS_EC2_METADATA_DISABLED: 'true', AWS_SHARED_CREDENTIALS_FILE: '/nonexistent'});
	const {accessKeyId, secretAccessKey, ...without} = bucket;
	t.is(typeof accessKeyId + typeof secretAccessKey, 'stringstring');
	await t.throwsAsync(open(t, {tries: 1, ...without}), {message: /there is nothing to authenticate with/});
});

test.serial('a key without its secret is refused as an option', t => {
	const validator = new OptionsValidator();
	t.notThrows(() => validator.complete(s3Driver.options, {bucket: 'a'}));
	t.throws(() => validator.complete(s3Driver.options, {bucket: 'a', accessKeyId: 'b'}));
});

interface TemporaryKey {
	readonly AccessKeyId: string;
	readonly SecretAccessKey: string;
	readonly Token: string;
	readonly Expiration: string;
}

/** A bucket without its key, which is given as a role has it. */
async function bucketForRoles() {
	const {accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, ...bucket} = await newBucket();
	const Expiration = new Date(Date.now() + 3_600_000).toISOString();
	const key: TemporaryKey = {AccessKeyId, SecretAccessKey, Token: 'session', Expiration};
	return {...bucket, key};
}

/** What STS answers (AWS STS API Reference, AssumeRoleWithWebIdentity). */
function roleAnswer({AccessKeyId, SecretAccessKey, Token, Expiration}: TemporaryKey): string {
	const key = `<AccessKeyId>${AccessKeyId}</AccessKeyId><SecretAccessKey>${SecretAccessKey}</SecretAccessKey>`;
	const limits = `<SessionToken>${Token}</SessionToken><Expiration>${Expiration}</Expiration>`;
	const result = `<AssumeRoleWithWebIdentityResult><Credentials>${key}${limits}</Credentials></AssumeRoleWithWebIdentityResult>`;
	return `<AssumeRoleWithWebIdentityResponse>${result}</AssumeRoleWithWebIdentityResponse>`;
}

interface Asked {
	readonly line: string;
	readonly headers: IncomingHttpHeaders;
	readonly body: string;
}

/** Answers 404 where `answerTo` gives nothing. */
async function startServer(
	t: ExecutionContext,
	answerTo: (line: string) => string | undefined,
): Promise<{url: string; asked: readonly Asked[]}> {
	const asked: Asked[] = [];
	const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
		const line = `${request.method} ${request.url}`;
		asked.push({line, headers: request.headers, body: await text(request)});
		const given = answerTo(line);
		response.writeHead(given === undefined ? 404 : 200, {
			'content-type': given?.startsWith('<') ? 'text/xml' : 'application/json',
		});
		response.end(given);
	};
	return {url: await serveHttp(t, answer), asked};
}
