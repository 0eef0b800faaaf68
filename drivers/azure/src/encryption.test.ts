import {Readable} from 'node:stream';
import test from 'ava';
import {AzureDriver} from './azure-driver.ts';
import {scriptedService} from './fixtures/scripted-service.ts';
import {openAccount} from './open-account.ts';

const mebibyte = 1024 * 1024;
const settings = {prefix: '', blockMebibytes: 1, parallelBlocks: 3, timeoutSeconds: 30, tries: 1};

test('all that is written is in the encryption scope', async t => {
	const {url, calls} = await scriptedService(t, [[201], [201], [201], [201]]);
	const options = {...settings, endpoint: url, sas: 'sig=x', container: 'registry', encryptionScope: 'scope'};
	const driver = new AzureDriver(await openAccount(options), options);
	t.teardown(() => driver.close());
	const created = await driver.createUpload('a');
	await driver.sealUpload(await driver.appendUpload(created, Readable.from([Buffer.alloc(mebibyte + 1)])));
	await driver.sealUpload(created);
	t.deepEqual(
		calls.map(({method, query, headers}) => [method, query.get('comp'), headers['x-ms-encryption-scope']]),
		[
			['PUT', 'block', 'scope'],
			['PUT', 'block', 'scope'],
			['PUT', 'blocklist', 'scope'],
			['PUT', null, 'scope'],
		],
	);
});
