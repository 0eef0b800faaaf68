import {once} from 'node:events';
import {createServer} from 'node:http';
import type {AddressInfo} from 'node:net';
import {AnonymousCredential, BlobClient} from '@azure/storage-blob';
import test, {type ExecutionContext} from 'ava';
import {CopyFailedError, copyBlob} from './copy-blob.ts';
import {classifyError} from './errors.ts';

type Answer = readonly [status: number, headers?: Readonly<Record<string, string>>];

/** A service that gives these answers in turn, for the emulator copies everything at once. */
async function serviceOf(t: ExecutionContext, answers: readonly Answer[]): Promise<{to: BlobClient; asked: string[]}> {
	const asked: string[] = [];
	const rest = answers.values();
	const server = createServer((request, response) => {
		asked.push(`${request.method}${'x-ms-copy-source' in request.headers ? ' copy' : ''}`);
		const [status, headers = {}] = rest.next().value ?? [500];
		response.writeHead(status, {etag: '"e"', 'x-ms-copy-id': 'c', ...headers}).end();
	}).listen(0, '127.0.0.1');
	await once(server, 'listening');
	t.teardown(() => {
		server.closeAllConnections();
		server.close();
	});
	const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/account/container/to`;
	return {to: new BlobClient(url, new AnonymousCredential(), {retryOptions: {maxTries: 1}}), asked};
}

const exists: Answer = [409, {'x-ms-error-code': 'BlobAlreadyExists'}];
const begun: Answer = [202, {'x-ms-copy-status': 'pending'}];
const pending: Answer = [200, {'x-ms-copy-status': 'pending'}];
const whole: Answer = [200, {'x-ms-copy-status': 'success'}];
const done: Answer = [202, {'x-ms-copy-status': 'success'}];

const cases: readonly (readonly [title: string, answers: readonly Answer[], asked: readonly string[]])[] = [
	['a copy that is done at once takes one call', [done], ['PUT copy']],
	['a copy that takes time is waited for', [begun, pending, pending, whole], ['PUT copy', 'HEAD', 'HEAD', 'HEAD']],
	['a whole copy that somebody made is left', [exists, whole], ['PUT copy', 'HEAD']],
	['an object that is no copy is left', [exists, [200]], ['PUT copy', 'HEAD']],
	['a copy that somebody began is waited for', [exists, pending, whole], ['PUT copy', 'HEAD', 'HEAD']],
	[
		'a copy that somebody gave up is made again',
		[exists, [200, {'x-ms-copy-status': 'aborted'}], [202], done],
		['PUT copy', 'HEAD', 'DELETE', 'PUT copy'],
	],
	['a copy that has gone meanwhile is made again', [exists, [404], done], ['PUT copy', 'HEAD', 'PUT copy']],
];

for (const [title, answers, expected] of cases) {
	test(title, async t => {
		const {to, asked} = await serviceOf(t, answers);
		await copyBlob('http://127.0.0.1/account/container/from', to, {});
		t.deepEqual(asked, expected);
	});
}

test('a copy that fails leaves nothing and is worth another try', async t => {
	const {to, asked} = await serviceOf(t, [begun, [200, {'x-ms-copy-status': 'failed'}], [202]]);
	const error = await t.throwsAsync(copyBlob('http://127.0.0.1/account/container/from', to, {}), {
		instanceOf: CopyFailedError,
	});
	t.deepEqual(asked, ['PUT copy', 'HEAD', 'DELETE']);
	t.is(classifyError(error), 'unavailable');
});

test('waiting for a copy ends with its signal', async t => {
	const {to} = await serviceOf(t, [begun, pending, pending, pending, pending, pending, pending]);
	const signal = AbortSignal.timeout(200);
	await t.throwsAsync(copyBlob('http://127.0.0.1/account/container/from', to, {signal}));
	t.true(signal.aborted);
});
