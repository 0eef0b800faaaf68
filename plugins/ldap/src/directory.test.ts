import {once} from 'node:events';
import {type AddressInfo, type Socket, createServer} from 'node:net';
import {Attribute, Change} from 'ldapts';
import {freePort} from '@stowage/test-servers';
import {startSlapd} from '@stowage/test-servers/slapd';
import test, {type ExecutionContext} from 'ava';
import {openAuthenticator, optionsFor} from './fixtures/directory-world.ts';
import type {LdapOptions} from './options.ts';

const password = 'password of ann';

async function makeWorld(t: ExecutionContext) {
	const slapd = await startSlapd();
	t.teardown(() => slapd.stop());
	const open = async (more: Partial<LdapOptions> = {}) => {
		const authenticator = await openAuthenticator(optionsFor(slapd, more));
		t.teardown(() => authenticator.close());
		return {
			signIn: async (name: string, secret: string) => authenticator.verifyPassword?.(name, secret),
			find: async (name: string) => authenticator.findUser?.({name, externalId: ''}),
		};
	};
	const addPerson = (name: string, more: Readonly<Record<string, string | string[]>> = {}, place = 'people') =>
		slapd.administer(client =>
			client.add(`uid=${name},ou=${place},${slapd.base}`, {
				objectClass: ['inetOrgPerson', 'posixAccount'],
				cn: name,
				sn: name,
				uidNumber: '1000',
				gidNumber: '1000',
				homeDirectory: '/',
				userPassword: `password of ${name}`,
				...more,
			}),
		);
	return {slapd, open, addPerson};
}

/** A server that takes connections and never says a word. */
async function startSilent(t: ExecutionContext): Promise<string> {
	const sockets = new Set<Socket>();
	const server = createServer(socket => void sockets.add(socket.on('error', () => undefined))).listen(0, '127.0.0.1');
	await once(server, 'listening');
	t.teardown(() => {
		server.close();
		sockets.forEach(socket => socket.destroy());
	});
	return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

test('a server that cannot be reached, or shows another certificate, is passed over for the next', async t => {
	const {slapd, open} = await makeWorld(t);
	const gone = `ldaps://127.0.0.1:${await freePort()}`;
	const {signIn} = await open({urls: [gone, slapd.url.replace('ldap:', 'ldaps:'), slapd.secureUrl]});
	t.is((await signIn('ann', password))?.name, 'ann');
	t.is(await signIn('ann', 'wrong'), undefined);
});

for (const [what, change] of [
	['by TLS', {caCertificates: undefined}],
	['by StartTLS', {caCertificates: undefined, startTls: true}],
	['whose name is another one', {}],
] as const) {
	test(`a server that is not known ${what} is told no password`, async t => {
		const {slapd, open} = await makeWorld(t);
		const urls = 'startTls' in change ? [slapd.url] : [slapd.secureUrl];
		// The certificate is for this address and for localhost.
		const others = urls.map(url => (what.startsWith('whose') ? url.replace('127.0.0.1', '127.0.0.2') : url));
		const {signIn} = await open({...change, urls: others});
		await t.throwsAsync(signIn('ann', password), {code: 'DIRECTORY_UNAVAILABLE'});
	});
}

test('a server that keeps silent is given up in time, at every step', async t => {
	const {open} = await makeWorld(t);
	const silent = await startSilent(t);
	const soon = {connectTimeoutSeconds: 1, timeoutSeconds: 1};
	for (const more of [
		{urls: [`ldap://${silent}`], allowUnencrypted: true},
		{urls: [`ldap://${silent}`], startTls: true},
		{urls: [`ldaps://${silent}`]},
	]) {
		const {signIn} = await open({...more, ...soon});
		await t.throwsAsync(signIn('ann', password), {code: 'DIRECTORY_UNAVAILABLE'});
	}
});

test('an account that may not search is trouble of the operator, and no wrong password', async t => {
	const {open} = await makeWorld(t);
	const {signIn} = await open({bindPassword: 'wrong'});
	await t.throwsAsync(signIn('ann', password), {code: 'DIRECTORY_UNAVAILABLE', message: /account that searches/});
	const nobody = await open({bindDn: undefined, bindPassword: undefined});
	await t.throwsAsync(nobody.signIn('ann', password));
});

test('a name that two entries have is nobody’s', async t => {
	const {open, addPerson, slapd} = await makeWorld(t);
	await addPerson('ann', {}, 'groups');
	const {signIn} = await open({userBase: slapd.base});
	t.is(await signIn('ann', password), undefined);
	t.is((await signIn('bob', 'password of bob'))?.name, 'bob');
});

test('an entry that the filter leaves out cannot sign in, and is not found any more', async t => {
	const {open, slapd} = await makeWorld(t);
	const {signIn, find} = await open({userFilter: '(&(uid={name})(!(employeeType=former)))'});
	t.is((await signIn('ann', password))?.name, 'ann');
	const modification = new Attribute({type: 'employeeType', values: ['former']});
	await slapd.administer(client => client.modify(slapd.dnOf('ann'), new Change({operation: 'add', modification})));
	t.is(await signIn('ann', password), undefined);
	t.is(await find('ann'), undefined);
});

test('an entry that was moved stays the same person, and one that took its name is another', async t => {
	const {open, slapd, addPerson} = await makeWorld(t);
	const {find} = await open({userBase: slapd.base});
	const before = await find('ann');
	await slapd.administer(client => client.modifyDN(slapd.dnOf('ann'), `uid=ann,ou=groups,${slapd.base}`));
	t.is((await find('ann'))?.externalId, before?.externalId);
	await slapd.administer(client => client.del(`uid=ann,ou=groups,${slapd.base}`));
	await addPerson('ann');
	const after = await find('ann');
	t.is(after?.name, 'ann');
	t.not(after?.externalId, before?.externalId);
	t.is((await (await open({idAttribute: 'employeeNumber'})).find('ann'))?.externalId, slapd.dnOf('ann'));
});

test('names of any letters, and groups of each kind, are found', async t => {
	const {open, slapd, addPerson} = await makeWorld(t);
	const name = 'zoë (*)\\, ü';
	const dn = `uid=zoë (*)\\\\\\, ü,ou=people,${slapd.base}`;
	await slapd.administer(async client => {
		const person = {
			objectClass: 'inetOrgPerson',
			cn: 'Zoë',
			sn: 'Ü',
			userPassword: 'geheim ü',
			businessCategory: 'cn=x',
		};
		await client.add(dn, {...person, uid: name});
		await client.add(`cn=posix,ou=groups,${slapd.base}`, {objectClass: 'posixGroup', gidNumber: '1', memberUid: 'dan'});
		await client.add(`cn=of dn,ou=groups,${slapd.base}`, {objectClass: 'groupOfNames', member: dn});
		await client.add(`cn=of entry,ou=groups,${slapd.base}`, {objectClass: 'groupOfUniqueNames', uniqueMember: dn});
	});
	await addPerson('dan');
	const {signIn} = await open({memberOfAttribute: 'businessCategory'});
	const found = await signIn(name, 'geheim ü');
	t.deepEqual(found?.groups, ['cn=x', 'of dn', 'of entry']);
	t.is(found?.name, name);
	const template = await open({userDnTemplate: `uid={name},ou=people,${slapd.base}`});
	t.is((await template.signIn(name, 'geheim ü'))?.externalId, found?.externalId);
	t.deepEqual((await signIn('dan', 'password of dan'))?.groups, ['posix']);
});

test('connections are used again, and what the server has closed is opened anew', async t => {
	const {open, slapd} = await makeWorld(t);
	const {find} = await open({connections: 1});
	const first = await find('ann');
	t.deepEqual(await find('ann'), first);
	await slapd.pause();
	await slapd.resume();
	t.deepEqual(await find('ann'), first);
});

test('those who wait for a directory that is not there are told so with the first, and not one after the other', async t => {
	const {open} = await makeWorld(t);
	const {signIn} = await open({urls: [`ldaps://${await startSilent(t)}`], connections: 1, connectTimeoutSeconds: 1});
	const begun = performance.now();
	const results = await Promise.allSettled(Array.from({length: 200}, async () => signIn('ann', password)));
	t.deepEqual(new Set(results.map(({status}) => status)), new Set(['rejected']));
	// One after the other would take 200 seconds.
	t.true(performance.now() - begun < 100_000);
});

test('who leaves does not wait for his turn', async t => {
	const slapd = await startSlapd();
	t.teardown(() => slapd.stop());
	const silent = await startSilent(t);
	const authenticator = await openAuthenticator(optionsFor(slapd, {urls: [`ldaps://${silent}`], connections: 1}));
	t.teardown(() => authenticator.close());
	const first = authenticator.findUser?.({name: 'ann', externalId: ''});
	const left = new AbortController();
	const second = authenticator.findUser?.({name: 'bob', externalId: ''}, {signal: left.signal});
	left.abort(new Error('left'));
	await t.throwsAsync(async () => second, {message: 'left'});
	await authenticator.close();
	await t.throwsAsync(async () => first);
});
