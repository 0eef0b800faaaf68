import {readFile} from 'node:fs/promises';
import {OptionsValidator, withOptionTable} from '@stowage/core';
import test from 'ava';
import {ldapType} from './ldap-type.ts';
import {type LdapOptions, ldapOptions} from './options.ts';

const least = {urls: ['ldaps://ldap.example'], userBase: 'ou=people,dc=example,dc=org'};

function problemsOf(more: Partial<LdapOptions>): readonly string[] {
	const checked = new OptionsValidator().check(ldapType.options, {...least, ...more});
	const found = checked.problems ?? ldapType.check?.(checked.options as LdapOptions) ?? [];
	return found.map(({path}) => path);
}

const wrong: readonly (readonly [what: string, more: Partial<LdapOptions>, ...paths: string[]])[] = [
	['no server', {urls: []}, '/urls'],
	['another scheme', {urls: ['http://ldap.example']}, '/urls/0'],
	['a password in the address', {urls: ['ldaps://a:b@ldap.example']}, '/urls/0'],
	['passwords in the clear', {urls: ['ldaps://a.example', 'ldap://b.example']}, '/urls/1'],
	['a filter of users without the name', {userFilter: '(uid=ann)'}, '/userFilter'],
	['a filter that is none', {userFilter: '(uid{name})', groupFilter: '(member={dn}))'}, '/userFilter', '/groupFilter'],
	['a template without the name', {userDnTemplate: 'uid=ann,dc=example'}, '/userDnTemplate'],
	['an account without a password', {bindDn: 'cn=reader,dc=example'}, '/bindPassword'],
	['an account with an empty password', {bindDn: 'cn=reader,dc=example', bindPassword: ''}, '/bindPassword'],
	['an authority that is none', {caCertificates: 'PEM'}, '/caCertificates'],
	['an attribute that is a filter', {nameAttribute: 'uid)(x'}, '/nameAttribute'],
	['an unknown option', {password: 'x'} as object, '/password'],
];

for (const [what, more, ...paths] of wrong) {
	test(`${what} is refused when the configuration is read`, t => {
		t.deepEqual(problemsOf(more), paths);
	});
}

for (const more of [
	{},
	{urls: ['ldap://a.example:389'], startTls: true},
	{urls: ['ldap://[::1]'], allowUnencrypted: true},
]) {
	test(`${JSON.stringify(more)} is enough`, t => {
		t.deepEqual(problemsOf(more), []);
	});
}

test('the README has the options as the schema has them', async t => {
	const text = await readFile(new URL('../README.md', import.meta.url), 'utf8');
	t.is(text, withOptionTable(text, {...ldapOptions}));
});
