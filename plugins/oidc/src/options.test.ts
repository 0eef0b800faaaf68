import {readFile} from 'node:fs/promises';
import {OptionsValidator, withOptionTable} from '@stowage/core';
import test from 'ava';
import type {Given} from './fixtures/crooked-provider.ts';
import {oidcType} from './oidc-type.ts';
import {type OidcOptions, oidcOptions} from './options.ts';

const least = {issuer: 'https://login.example', audiences: ['stowage'], usernameClaim: 'preferred_username'};
const mapping = {name: 'a', claims: {sub: '*'}, scope: 'applied-permissions/groups:ci', expiresInSeconds: 600};

function problemsOf(more: Given): readonly string[] {
	const checked = new OptionsValidator().check(oidcType.options, {...least, ...more});
	const found = checked.problems ?? oidcType.check?.(checked.options as OidcOptions) ?? [];
	return found.map(({path}) => path);
}

const wrong: readonly (readonly [what: string, more: Given, ...paths: string[]])[] = [
	['no address', {issuer: 'login.example'}, '/issuer'],
	['keys without encryption', {issuer: 'http://login.example'}, '/issuer'],
	['no audience', {audiences: []}, '/audiences'],
	['an algorithm with a secret', {algorithms: ['HS256' as 'RS256']}, '/algorithms/0'],
	['a mapping without claims', {mappings: [{...mapping, claims: {}}]}, '/mappings/0/claims'],
	['a mapping with no scope', {mappings: [{...mapping, scope: 'everything'}]}, '/mappings/0/scope'],
	[
		'a mapping to a user that names none',
		{mappings: [{...mapping, scope: 'applied-permissions/user'}]},
		'/mappings/0/scope',
	],
	['nothing that a token could be worth', {usernameClaim: undefined}, ''],
	['a range that is none', {allowedAddresses: ['x']}, '/allowedAddresses/0'],
	['an authority that is none', {caCertificates: 'PEM'}, '/caCertificates'],
];

for (const [what, more, ...paths] of wrong) {
	test(`${what} is refused when the configuration is read`, t => {
		t.deepEqual(problemsOf(more), paths);
	});
}

test('an issuer with an audience and one thing that tokens are worth is enough', t => {
	t.deepEqual(problemsOf({}), []);
	t.deepEqual(problemsOf({usernameClaim: undefined, mappings: [mapping]}), []);
	t.deepEqual(problemsOf({mappings: [{...mapping, username: 'robot', scope: 'artifact:docker-dev/**:r'}]}), []);
});

test('the README has the options as the schema has them', async t => {
	const text = await readFile(new URL('../README.md', import.meta.url), 'utf8');
	t.is(text, withOptionTable(text, {...oidcOptions}));
});
