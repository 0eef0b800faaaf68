import {readFile} from 'node:fs/promises';
import {OptionsValidator, maskSecrets, withOptionTable} from '@stowage/core';
import test from 'ava';
import plugin from './index.ts';
import {sftpOptions} from './options.ts';

const least = {host: 'storage.example', username: 'stowage', root: 'registry'};

test('the table of options in the README is current', async t => {
	const readme = await readFile(new URL('../README.md', import.meta.url), 'utf8');
	t.is(withOptionTable(readme, {...sftpOptions}), readme);
});

test('the package offers the driver under the name that operators write', t => {
	t.is(plugin.name, '@stowage/sftp');
	t.deepEqual(
		plugin.storageDrivers?.map(driver => driver.type),
		['sftp'],
	);
});

test('little has to be said, and the rest has defaults', t => {
	const {options, problems} = new OptionsValidator().check({...sftpOptions}, least);
	t.is(problems, undefined);
	t.like(options, {port: 22, connections: 4, timeoutSeconds: 60, durable: true, hostFingerprints: []});
});

test('a fingerprint in another form than that of ssh-keygen is refused', t => {
	for (const fingerprint of ['aa:bb:cc', 'MD5:aa:bb', 'SHA256:short', `SHA256:${'A'.repeat(43)}=`]) {
		const {problems} = new OptionsValidator().check({...sftpOptions}, {...least, hostFingerprints: [fingerprint]});
		t.deepEqual(
			problems?.map(({path}) => path),
			['/hostFingerprints/0'],
			fingerprint,
		);
	}
});

test('what is secret is masked, at the jump host too', t => {
	const secrets = {password: 'p4ss', privateKey: 'k3y', passphrase: 'phr4se'};
	const {host, username} = least;
	const shown = maskSecrets({...sftpOptions}, {...least, ...secrets, jump: {host, username, ...secrets}});
	t.notRegex(JSON.stringify(shown), /p4ss|k3y|phr4se/);
	t.regex(JSON.stringify(shown), /storage\.example/);
});
