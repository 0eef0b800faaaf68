import {readFile} from 'node:fs/promises';
import {OptionsValidator, maskSecrets, withOptionTable} from '@stowage/core';
import test from 'ava';
import plugin from './index.ts';
import {remoteOptions} from './options.ts';
import {remoteType} from './remote-type.ts';

test('the table of options in the README is current', async t => {
	const readme = await readFile(new URL('../README.md', import.meta.url), 'utf8');
	t.is(withOptionTable(readme, {...remoteOptions}), readme);
});

test('the package offers the type under the word that operators write', t => {
	t.is(plugin.name, '@stowage/remote');
	t.deepEqual(
		plugin.repositoryTypes?.map(({type}) => type),
		['remote'],
	);
});

test('passwords and keys are shown nowhere', t => {
	const secrets = {password: 'hunter2', proxyPassword: 'hunter2', clientTlsCertificate: 'hunter2'};
	const shown = maskSecrets({...remoteOptions}, {url: 'https://reg.example', username: 'me', ...secrets});
	t.false(JSON.stringify(shown).includes('hunter2'));
	t.like(shown, {url: 'https://reg.example', username: 'me'});
});

for (const [what, options, path] of [
	['no address', {url: 'registry.example'}, '/url'],
	['an address with credentials in it', {url: 'https://me:secret@registry.example'}, '/url'],
	['an address that cannot be one', {url: 'https://[::'}, '/url'],
	[
		'a range that is none',
		{url: 'https://reg.example', allowedAddresses: ['10.0.0.0/8', '10.0.0.0/99']},
		'/allowedAddresses/1',
	],
	['a certificate without its key', {url: 'https://reg.example', clientTlsCertificate: 'x'}, '/clientTlsCertificate'],
	['an option that is none', {url: 'https://reg.example', offLine: true}, '/offLine'],
] as const) {
	test(`${what} is told before a repository is made of it`, t => {
		const {options: checked, problems} = new OptionsValidator().check(remoteType.options, options);
		const found = problems ?? remoteType.check?.(checked as never) ?? [];
		t.deepEqual(
			found.map(problem => problem.path),
			[path],
		);
	});
}
