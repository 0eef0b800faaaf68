import {readFileSync} from 'node:fs';
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

const pem = (name: string) =>
	readFileSync(new URL(`../../../core/src/outbound/fixtures/${name}`, import.meta.url), 'utf8');
const [authority, other, key] = [pem('server.crt'), pem('client.crt'), pem('client.key')];
const cutOff = `${authority}${other.slice(0, 300)}`;

function problemsOf(given: object): readonly {readonly path: string; readonly message: string}[] {
	const {options, problems} = new OptionsValidator().check(remoteType.options, given);
	return problems ?? remoteType.check?.(options as never) ?? [];
}

for (const [what, options, path] of [
	['no address', {url: 'registry.example'}, '/url'],
	['an address with credentials in it', {url: 'https://me:secret@registry.example'}, '/url'],
	['an address that cannot be one', {url: 'https://[::'}, '/url'],
	[
		'a range that is none',
		{url: 'https://reg.example', allowedAddresses: ['10.0.0.0/8', '10.0.0.0/99']},
		'/allowedAddresses/1',
	],
	['a proxy that cannot be one', {url: 'https://reg.example', proxy: 'http://proxy.example:99999'}, '/proxy'],
	[
		'a token service at no address',
		{url: 'https://reg.example', trustedRealms: ['https://auth.example', 'https://auth.example:443x']},
		'/trustedRealms/1',
	],
	['an authority that is none', {url: 'https://reg.example', caCertificates: 'nonsense'}, '/caCertificates'],
	['an authority that is cut off', {url: 'https://reg.example', caCertificates: cutOff}, '/caCertificates'],
	['a key beside an authority', {url: 'https://reg.example', caCertificates: `${authority}${key}`}, '/caCertificates'],
	['a name of this machine', {url: 'https://reg.example', localAddress: 'eth0'}, '/localAddress'],
	['a certificate without its key', {url: 'https://reg.example', clientTlsCertificate: 'x'}, '/clientTlsCertificate'],
	['an option that is none', {url: 'https://reg.example', offLine: true}, '/offLine'],
] as const) {
	test(`${what} is told before a repository is made of it`, t => {
		t.deepEqual(
			problemsOf(options).map(problem => problem.path),
			[path],
		);
	});
}

test('a proxy, token services, authorities and an address to go out from are taken as they are written', t => {
	for (const localAddress of ['192.0.2.1', '2001:db8::1']) {
		const given = {
			url: 'https://reg.example',
			proxy: 'http://proxy.example:3128/',
			trustedRealms: ['https://auth.example', 'http://[2001:db8::2]:8080'],
			caCertificates: `# Ours\n${authority}\n${other}`,
			localAddress,
		};
		t.deepEqual(problemsOf(given), []);
	}
});

test('what is told of wrong options has nothing of what was given', t => {
	const wrong = {
		url: 'https://me:hunter2@reg.example',
		proxy: 'http://me:hunter2@proxy.example',
		trustedRealms: ['https://me:hunter2@auth.example'],
	};
	const unreadable = {
		url: 'https://hunter2:99999',
		proxy: 'http://hunter2:99999',
		proxyPassword: 'hunter2',
		trustedRealms: ['https://hunter2:99999'],
		allowedAddresses: ['hunter2'],
		localAddress: 'hunter2',
		caCertificates: 'hunter2',
		clientTlsCertificate: 'hunter2',
	};
	for (const given of [wrong, unreadable]) {
		const problems = problemsOf(given);
		t.true(problems.length >= 3);
		t.notRegex(JSON.stringify(problems), /hunter2/);
	}
});
