import test from 'ava';
import {makeRealmWorld} from './fixtures/realm-world.ts';

const refused = {code: 'UNAUTHORIZED', message: 'invalid credentials'};
const unavailable = {code: 'UNAVAILABLE'};

test('who is known elsewhere becomes a user here, without a password of his own', async t => {
	const {company, signIn, metadata, groups, groupsOf} = await makeRealmWorld(t);
	await groups.add('readers', {autoJoin: true});
	company.add('ann', [], {email: 'ann@example.org'});
	t.like(await signIn('ann'), {name: 'ann', admin: false, whole: true});
	const user = await metadata.users.find('ann');
	t.like(user, {realm: 'company', externalId: 'id of ann', email: 'ann@example.org', internalPasswordDisabled: true});
	t.is(user?.passwordHash, undefined);
	t.deepEqual(await groupsOf('ann'), ['readers']);
	company.add('ann', [], {email: 'no address'});
	await signIn('ann');
	t.is((await metadata.users.find('ann'))?.id, user?.id);
	t.is((await metadata.users.find('ann'))?.email, 'ann@example.org');
});

test('he is one user, however he spells his name', async t => {
	const {company, signIn, users} = await makeRealmWorld(t);
	company.add('ann');
	t.like(await signIn('ANN'), {name: 'ann'});
	t.like(await signIn('Ann'), {name: 'ann'});
	t.is((await users.list()).length, 1);
});

test('a wrong password, none, and a name that nobody has get the same answer', async t => {
	const {company, signIn, users} = await makeRealmWorld(t);
	company.add('ann');
	for (const [name, password] of [
		['ann', 'wrong'],
		['ann', ''],
		['nobody', 'secret'],
		['', 'secret'],
	] as const) {
		await t.throwsAsync(signIn(name, password), refused);
	}
	t.is((await users.list()).length, 0);
});

for (const name of ['anonymous', 'a b', '-x', 'a/b', 'x'.repeat(256), 'ann:x']) {
	test(`the name ${name.slice(0, 20)} becomes no user`, async t => {
		const {company, signIn, users} = await makeRealmWorld(t);
		company.people.set('x', {name, externalId: 'x', groups: []});
		await t.throwsAsync(signIn('x'), refused);
		t.is((await users.list()).length, 0);
	});
}

test('a token or a key that is not good is shown to nobody else as a password', async t => {
	const {company, signIn, users, authenticator} = await makeRealmWorld(t);
	company.add('ann');
	company.add('bob');
	const issuer = await signIn('ann');
	const issued = await authenticator.accessTokens.issue({issuer, reference: true, refreshable: true});
	const {token, referenceToken = '', refreshToken = ''} = issued;
	await signIn('ann', referenceToken);
	const asked = company.questions;
	for (const password of [token, referenceToken, refreshToken, `AKCp8${'x'.repeat(68)}`, `${token}x`]) {
		t.true(password.length > 64);
		await t.throwsAsync(signIn('bob', password), refused);
	}
	t.is(company.questions, asked);
	await users.add('root', {password: 'eyJ0.e30.x', admin: true});
	t.like(await signIn('root', 'eyJ0.e30.x'), {name: 'root'});
});

test('nobody becomes a user who is known here by the registry’s own password', async t => {
	const {company, signIn, users, metadata} = await makeRealmWorld(t);
	await users.add('admin', {password: 'own password', admin: true});
	company.add('admin');
	company.people.set('other', {name: 'admin', externalId: 'x', groups: []});
	for (const name of ['admin', 'other']) {
		await t.throwsAsync(signIn(name), refused);
	}
	t.is((await metadata.users.find('admin'))?.realm, undefined);
	t.like(await signIn('admin', 'own password'), {name: 'admin', admin: true});
	t.is(company.questions, 1);
});

test('who gets the name of somebody who is gone does not get what he had', async t => {
	const {company, signIn, users} = await makeRealmWorld(t);
	company.add('ann');
	await signIn('ann');
	company.add('ann', [], {externalId: 'another'});
	await t.throwsAsync(signIn('ann', 'secret '), refused);
	await users.delete('ann');
	t.like(await signIn('ann'), {name: 'ann'});
});

test('where users are not made, one that an administrator has made without a password signs in', async t => {
	const {company, signIn, users, metadata} = await makeRealmWorld(t, {createUsers: false});
	company.add('ann');
	await t.throwsAsync(signIn('ann'), refused);
	await users.add('ann', {internalPasswordDisabled: true});
	t.like(await signIn('ann'), {name: 'ann'});
	t.like(await metadata.users.find('ann'), {realm: 'company', externalId: 'id of ann'});
});

test('where users are made, one without a password that is here for tokens is not taken over', async t => {
	const {company, signIn, users, metadata} = await makeRealmWorld(t);
	await users.add('robot', {internalPasswordDisabled: true});
	company.add('robot');
	await t.throwsAsync(signIn('robot'), refused);
	t.is((await metadata.users.find('robot'))?.realm, undefined);
});

test('who is disabled here stays so, whatever is known of him elsewhere', async t => {
	const {company, signIn, users, authenticator} = await makeRealmWorld(t);
	company.add('ann');
	await signIn('ann');
	await users.change('ann', {disabled: true});
	authenticator.expire();
	await t.throwsAsync(signIn('ann'), refused);
});

test('who is gone is refused within five seconds, and so are his tokens, on every node', async t => {
	const {company, signIn, authenticator, clock, open} = await makeRealmWorld(t);
	company.add('ann');
	const issuer = await signIn('ann');
	const issued = await authenticator.accessTokens.issue({issuer, reference: true});
	const other = await open();
	const bearers = [`Bearer ${issued.token}`, `Bearer ${issued.referenceToken}`];
	const session = await authenticator.issueToken({caller: issuer, scopes: [], address: () => undefined});
	bearers.push(`Bearer ${session.token}`);
	for (const bearer of bearers) {
		t.like(await other.authenticate(bearer, ''), {name: 'ann'});
	}
	company.people.clear();
	clock.now += 5000;
	for (const node of [authenticator, other]) {
		for (const bearer of bearers) {
			await t.throwsAsync(async () => node.authenticate(bearer, ''), refused);
		}
		await t.throwsAsync(signIn('ann', 'secret', node), refused);
	}
	company.add('ann');
	clock.now += 5000;
	t.like(await other.authenticate(bearers[0], ''), {name: 'ann'});
});

test('while it cannot be asked its users are told to try again, which is no failure, and others sign in', async t => {
	const {company, signIn, users, authenticator, clock} = await makeRealmWorld(t);
	await users.add('root', {password: 'own password', admin: true});
	company.add('ann');
	const {token} = await authenticator.accessTokens.issue({issuer: await signIn('ann')});
	company.there = false;
	clock.now += 5000;
	for (let tries = 0; tries < 30; tries++) {
		const error = await t.throwsAsync(signIn('ann'), unavailable);
		t.is((error as unknown as {headers: Record<string, string>}).headers['Retry-After'], '5');
		await t.throwsAsync(signIn('nobody'), unavailable);
	}
	await t.throwsAsync(async () => authenticator.authenticate(`Bearer ${token}`, ''), unavailable);
	t.like(await signIn('root', 'own password'), {name: 'root'});
	company.there = true;
	t.like(await signIn('ann'), {name: 'ann'});
	t.like(await authenticator.authenticate(`Bearer ${token}`, ''), {name: 'ann'});
	t.deepEqual(await authenticator.lockOuts.list(), []);
});

test('with outageSeconds those who were found before go on for so long', async t => {
	const {company, signIn, authenticator, clock} = await makeRealmWorld(t, {outageSeconds: 60});
	company.add('ann');
	const {token} = await authenticator.accessTokens.issue({issuer: await signIn('ann')});
	company.there = false;
	clock.now += 50_000;
	t.like(await authenticator.authenticate(`Bearer ${token}`, ''), {name: 'ann'});
	clock.now += 11_000;
	await t.throwsAsync(async () => authenticator.authenticate(`Bearer ${token}`, ''), unavailable);
});

test('of several the one is asked that knows somebody, and none of those behind one that cannot be asked', async t => {
	const {elsewhere, signIn, metadata} = await makeRealmWorld(t, {}, {});
	const [first, second] = elsewhere as unknown as [(typeof elsewhere)[0], (typeof elsewhere)[0]];
	second.add('ann');
	await signIn('ann');
	t.is((await metadata.users.find('ann'))?.realm, 'company1');
	first.add('ann');
	first.there = false;
	t.like(await signIn('ann'), {name: 'ann'});
	second.add('bob');
	await t.throwsAsync(signIn('bob'), unavailable);
	t.is(await metadata.users.find('bob'), undefined);
});

test('users of an authenticator that is not configured any more are refused', async t => {
	const {company, signIn, open, authenticator} = await makeRealmWorld(t);
	company.add('ann');
	const {token} = await authenticator.accessTokens.issue({issuer: await signIn('ann')});
	const other = await open([]);
	await t.throwsAsync(signIn('ann', 'secret', other), refused);
	await t.throwsAsync(async () => other.authenticate(`Bearer ${token}`, ''), refused);
});

test('what becomes of users is told once, when it was made', async t => {
	const {company, signIn, changes, clock} = await makeRealmWorld(t, {groups: {dev: 'developers'}});
	company.add('ann', ['dev']);
	await signIn('ann');
	await t.throwsAsync(signIn('ann', 'wrong'));
	clock.now += 70_000;
	await signIn('ann');
	company.add('ann');
	clock.now += 5000;
	await signIn('ann');
	t.deepEqual(changes, [
		{user: 'ann', added: true, groups: ['developers']},
		{user: 'ann', added: false, groups: []},
	]);
});
