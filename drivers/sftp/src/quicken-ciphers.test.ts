import {KeyObject} from 'node:crypto';
import {SftpServer} from '@stowage/test-servers/sftp';
import test from 'ava';
import {connect} from './connect.ts';

interface ClientParts {
	readonly _protocol: {readonly _cipher: Record<string, unknown>; readonly _decipher: Record<string, unknown>};
}

test('both ciphers of a connection have keys that are ready', async t => {
	const server = await SftpServer.start();
	t.teardown(() => server.close());
	const {client, end} = await connect(server.storageOptions());
	const {_cipher, _decipher} = (client as unknown as ClientParts)._protocol;
	for (const cipher of [_cipher, _decipher]) {
		t.true(
			Object.values(cipher).some(value => value instanceof KeyObject),
			Object.keys(cipher).join(', '),
		);
	}
	end();
});
