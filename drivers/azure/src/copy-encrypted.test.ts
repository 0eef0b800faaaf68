import {AnonymousCredential, BlockBlobClient, StorageSharedKeyCredential} from '@azure/storage-blob';
import {MissingError} from '@stowage/core';
import test, {type ExecutionContext} from 'ava';
import {copyBlob} from './copy-blob.ts';
import {beginEncryptedCopy} from './copy-encrypted.ts';
import {type OpenSource, bearerSource, plainSource, signedSource} from './copy-source.ts';
import {type Answer, scriptedService} from './fixtures/scripted-service.ts';
import {Tokens} from './tokens.ts';
import {accountKeySigner} from './url-signer.ts';

const mebibyte = 1024 * 1024;
const encryptionScope = 'scope-of-the-registry';

/** The emulator minds no scopes and copies no pieces, so the calls are looked at. */
async function copy(t: ExecutionContext, answers: readonly Answer[], openSource: OpenSource = plainSource) {
	const {url, calls} = await scriptedService(t, answers);
	const blob = (name: string) =>
		new BlockBlobClient(`${url}/container/${name}`, new AnonymousCredential(), {retryOptions: {maxTries: 1}});
	const to = blob('to');
	await copyBlob(beginEncryptedCopy(blob('from?sig=x'), to, {openSource, encryptionScope, tier: 'Cool'}), to, {});
	return calls;
}

function sizeOf(mebibytes: number): Answer {
	return [200, {'content-length': String(mebibytes * mebibyte)}];
}

const token = {token: 'token', expiresOnTimestamp: Date.now() + 600_000};
const done: Answer = [202, {'x-ms-copy-status': 'success'}];

test('a blob is copied in one call into its scope and tier, where there is none yet', async t => {
	const [head, put, ...others] = await copy(t, [sizeOf(256), done]);
	t.is(head?.method, 'HEAD');
	t.is(put?.headers['x-ms-requires-sync'], 'true');
	t.is(put?.headers['x-ms-encryption-scope'], encryptionScope);
	t.is(put?.headers['x-ms-access-tier'], 'Cool');
	t.is(put?.headers['if-none-match'], '*');
	t.regex(String(put?.headers['x-ms-copy-source']), /container\/from\?sig=x$/);
	t.deepEqual(others, []);
});

test('a blob that is too large for one call is copied piece by piece, each in its scope', async t => {
	const [, ...calls] = await copy(t, [sizeOf(257), [201], [201], [201], [201]]);
	t.deepEqual([...new Set(calls.map(({headers}) => headers['x-ms-encryption-scope']))], [encryptionScope]);
	const pieces = calls.slice(0, 3);
	const ranges = ['bytes=0-104857599', 'bytes=104857600-209715199', 'bytes=209715200-269484031'];
	t.deepEqual(new Set(pieces.map(({headers}) => headers['x-ms-source-range'])), new Set(ranges));
	t.is(new Set(pieces.map(({query}) => query.get('blockid'))).size, 3);
	t.is(calls[3]?.query.get('comp'), 'blocklist');
	t.is(calls[3]?.headers['if-none-match'], '*');
	t.is(calls[3]?.headers['x-ms-access-tier'], 'Cool');
	t.is(calls.length, 4);
});

test('a whole copy that somebody made is left', async t => {
	const exists: Answer = [409, {'x-ms-error-code': 'BlobAlreadyExists'}];
	t.deepEqual(
		(await copy(t, [sizeOf(1), exists, [200]])).map(({method}) => method),
		['HEAD', 'PUT', 'HEAD'],
	);
});

test('a blob that is not there is missing', async t => {
	await t.throwsAsync(copy(t, [[404]]), {instanceOf: MissingError});
});

test('the service reads the source by a signature where there is a key', async t => {
	const signUrl = accountKeySigner(new StorageSharedKeyCredential('account', 'a2V5'));
	const [, put] = await copy(t, [sizeOf(1), done], signedSource(signUrl));
	const source = new URL(String(put?.headers['x-ms-copy-source']));
	t.is(source.searchParams.get('sp'), 'r');
	t.truthy(source.searchParams.get('sig'));
	t.is(put?.headers['x-ms-copy-source-authorization'], undefined);
});

test('the service reads the source by a token where there is an identity', async t => {
	const [, put] = await copy(t, [sizeOf(1), done], bearerSource(new Tokens({getToken: async () => token}, 60_000)));
	t.is(put?.headers['x-ms-copy-source-authorization'], 'Bearer token');
});
