import {once} from 'node:events';
import {type IncomingMessage, type ServerResponse, createServer} from 'node:http';
import type {AddressInfo} from 'node:net';
import {text} from 'node:stream/consumers';
import {gcsBuckets} from '@stowage/test-servers/gcs-buckets';
import test, {type ExecutionContext} from 'ava';
import {MissingError} from '@stowage/core';
import {Bucket, type BucketOptions} from './bucket.ts';
import {classifyError} from './errors.ts';
import {moveObject} from './move-object.ts';
import {Requests} from './requests.ts';
import {deleteParts, sealParts} from './seal-parts.ts';

interface Answer {
	readonly status?: number;
	readonly body?: object;
}

/** A service that gives these answers in turn, and then agrees to everything. */
async function serviceOf(t: ExecutionContext, answers: readonly Answer[], options: Partial<BucketOptions> = {}) {
	const asked: string[] = [];
	const bodies: string[] = [];
	const rest = answers.values();
	const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
		asked.push(`${request.method} ${request.url}`);
		bodies.push(await text(request));
		const {status = 200, body = {}} = rest.next().value ?? {};
		response.writeHead(status, {'content-type': 'application/json', location: '/upload/session?id=1'});
		response.end(JSON.stringify(body));
	};
	const server = createServer((request, response) => {
		void answer(request, response);
	}).listen(0, '127.0.0.1');
	await once(server, 'listening');
	const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
	const requests = new Requests({endpoint, authorize: async () => ({}), timeout: 5_000, tries: 2});
	t.teardown(async () => {
		await requests.close();
		server.closeAllConnections();
		server.close();
	});
	return {bucket: new Bucket(requests, {bucket: 'b', ...options}), asked, bodies};
}

test('a service that can move is asked for one step', async t => {
	const {bucket, asked} = await serviceOf(t, []);
	await moveObject(bucket, 'uploads/a', 'blobs/a', {});
	t.deepEqual(asked, ['POST /storage/v1/b/b/o/uploads%2Fa/moveTo/o/blobs%2Fa']);
});

test('a service that cannot move is asked to copy, in as many steps as it takes, and to delete', async t => {
	const {bucket, asked} = await serviceOf(t, [
		{status: 501},
		{body: {done: false, rewriteToken: 'next'}},
		{body: {done: true}},
	]);
	await moveObject(bucket, 'from', 'to', {});
	t.deepEqual(asked, [
		'POST /storage/v1/b/b/o/from/moveTo/o/to',
		'POST /storage/v1/b/b/o/from/rewriteTo/b/b/o/to',
		'POST /storage/v1/b/b/o/from/rewriteTo/b/b/o/to?rewriteToken=next',
		'DELETE /storage/v1/b/b/o/from',
	]);
});

test('a move that was done is found out, and one of nothing is refused', async t => {
	const gone = {status: 404};
	const done = await serviceOf(t, [gone, gone, {body: {size: '5', updated: '2026-01-01T00:00:00Z'}}]);
	await t.notThrowsAsync(moveObject(done.bucket, 'from', 'to', {}));
	const never = await serviceOf(t, [gone, gone, gone]);
	await t.throwsAsync(moveObject(never.bucket, 'from', 'to', {}), {instanceOf: MissingError});
});

test('a move that is denied is not tried in another way', async t => {
	const {bucket, asked} = await serviceOf(t, [{status: 403, body: {error: {message: 'no storage.objects.delete'}}}]);
	const error = await t.throwsAsync(moveObject(bucket, 'from', 'to', {}), {message: /no storage.objects.delete/});
	t.is(classifyError(error), 'denied');
	t.is(asked.length, 1);
});

test('storage class, key and paying project go with every call that they belong to', async t => {
	const kmsKeyName = 'projects/p/locations/l/keyRings/r/cryptoKeys/k';
	const options = {storageClass: 'NEARLINE', kmsKeyName, userProject: 'payer'};
	const {bucket, asked, bodies} = await serviceOf(t, [{}, {}, {}, {body: {done: true}}], options);
	await bucket.insert('a', Buffer.from('bytes'), {});
	await bucket.startSession('a', {});
	await bucket.compose(['a', 'b'], 'c', {});
	await bucket.copy('a', 'c', {});
	t.true(
		asked.every(line => line.includes('userProject=payer')),
		asked.join('\n'),
	);
	const encrypted = asked.map(line => new URL(line.split(' ')[1] ?? '', 'http://any').searchParams);
	t.deepEqual(
		encrypted.map(query => query.get('kmsKeyName') ?? query.get('destinationKmsKeyName')),
		[kmsKeyName, kmsKeyName, kmsKeyName, kmsKeyName],
	);
	t.true(
		bodies.every(body => body.includes('"storageClass":"NEARLINE"')),
		bodies.join('\n'),
	);
});

const newBucket = gcsBuckets('gcpEmulator', {real: false});

test('more parts than can be composed at once become one object, in order, and leave nothing', async t => {
	const {bucket: name, apiEndpoint = '', prefix} = await newBucket();
	const requests = new Requests({endpoint: apiEndpoint, authorize: async () => ({}), timeout: 30_000, tries: 3});
	t.teardown(() => requests.close());
	const bucket = new Bucket(requests, {bucket: name});
	const folder = `${prefix}/~parts/a/`;
	const names = Array.from({length: 70}, (_, index) => `part-${index}`);
	for (const part of names) {
		await bucket.insert(folder + part, Buffer.from(`${part},`), {});
	}
	await sealParts(bucket, {names, tail: Buffer.from('tail')}, `${prefix}/a`, {folder});
	await deleteParts(bucket, {folder});
	const {body} = await bucket.read(`${prefix}/a`, undefined, {});
	t.is(await body.text(), [...names, 'tail'].join(','));
	const left: string[] = [];
	for await (const {key} of bucket.list(prefix, {})) {
		left.push(key);
	}
	t.deepEqual(left, [`${prefix}/a`]);
	await bucket.delete(`${prefix}/a`, {});
});
