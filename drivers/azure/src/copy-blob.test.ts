import {AnonymousCredential, BlobClient} from '@azure/storage-blob';
import test, {type ExecutionContext} from 'ava';
import {CopyFailedError, beginCopy, copyBlob} from './copy-blob.ts';
import {classifyError} from './errors.ts';
import {type Answer, scriptedService} from './fixtures/scripted-service.ts';

async function serviceOf(t: ExecutionContext, answers: readonly Answer[]) {
	const {url, calls} = await scriptedService(t, answers);
	const asked = () => calls.map(({method, headers}) => `${method}${'x-ms-copy-source' in headers ? ' copy' : ''}`);
	const settings = {retryOptions: {maxTries: 1}};
	return {to: new BlobClient(`${url}/container/to`, new AnonymousCredential(), settings), asked};
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
		await copyBlob(beginCopy('http://127.0.0.1/account/container/from', to, {}), to, {});
		t.deepEqual(asked(), expected);
	});
}

test('a copy that fails leaves nothing and is worth another try', async t => {
	const {to, asked} = await serviceOf(t, [begun, [200, {'x-ms-copy-status': 'failed'}], [202]]);
	const error = await t.throwsAsync(copyBlob(beginCopy('http://127.0.0.1/account/container/from', to, {}), to, {}), {
		instanceOf: CopyFailedError,
	});
	t.deepEqual(asked(), ['PUT copy', 'HEAD', 'DELETE']);
	t.is(classifyError(error), 'unavailable');
});

test('waiting for a copy ends with its signal', async t => {
	const {to} = await serviceOf(t, [begun, pending, pending, pending, pending, pending, pending]);
	const signal = AbortSignal.timeout(200);
	await t.throwsAsync(copyBlob(beginCopy('http://127.0.0.1/account/container/from', to, {}), to, {signal}));
	t.true(signal.aborted);
});
