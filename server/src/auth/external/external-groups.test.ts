import test from 'ava';
import {makeRealmWorld} from './fixtures/realm-world.ts';

test('groups that the configuration names are made, and he is in those that he is in elsewhere', async t => {
	const {company, signIn, groups, groupsOf, clock} = await makeRealmWorld(t, {
		groups: {dev: 'developers', ops: 'operators', 'cn=x,dc=y': 'operators'},
	});
	await groups.add('own', {});
	company.add('ann', ['dev', 'other']);
	await signIn('ann');
	t.deepEqual(await groupsOf('ann'), ['developers']);
	await groups.changeMembers('own', ['ann'], []);
	company.add('ann', ['cn=x,dc=y']);
	clock.now += 5000;
	await signIn('ann');
	t.deepEqual(await groupsOf('ann'), ['operators', 'own']);
	await groups.changeMembers('developers', ['ann'], []);
	clock.now += 5000;
	await signIn('ann');
	t.deepEqual(await groupsOf('ann'), ['operators', 'own']);
	t.like((await groups.find('developers'))?.group, {realm: 'company', externalId: 'dev', adminPrivileges: false});
});

test('a group that he left takes its rights with it within five seconds, of his tokens too', async t => {
	const {company, signIn, groups, authenticator, clock} = await makeRealmWorld(t, {groups: {admins: 'administrators'}});
	await groups.add('administrators', {adminPrivileges: true});
	authenticator.expire();
	company.add('ann', ['admins']);
	t.true((await signIn('ann')).admin);
	const {token} = await authenticator.accessTokens.issue({issuer: await signIn('ann')});
	t.true((await authenticator.authenticate(`Bearer ${token}`, '')).admin);
	company.add('ann');
	clock.now += 5000;
	t.false((await authenticator.authenticate(`Bearer ${token}`, '')).admin);
	t.false((await signIn('ann')).admin);
});

test('groups of its realm are joined by what it calls them, those of others never by their name', async t => {
	const {company, signIn, groups, groupsOf} = await makeRealmWorld(t);
	await groups.add('administrators', {adminPrivileges: true});
	await groups.add('theirs', {realm: 'somewhere'});
	await groups.add('local name', {realm: 'company', externalId: 'cn=dev'});
	await groups.add('same', {realm: 'company'});
	company.add('ann', ['administrators', 'theirs', 'cn=dev', 'same', 'local name', 'constructor']);
	t.false((await signIn('ann')).admin);
	t.deepEqual(await groupsOf('ann'), ['local name', 'same']);
});

test('with createGroups its groups are made here, as far as their names are possible and free', async t => {
	const {company, signIn, groups, groupsOf} = await makeRealmWorld(t, {createGroups: true});
	await groups.add('administrators', {adminPrivileges: true});
	company.add('ann', ['dev', 'administrators', 'a,b', '', 'x'.repeat(300)]);
	t.false((await signIn('ann')).admin);
	t.deepEqual(await groupsOf('ann'), ['dev']);
	t.deepEqual(
		(await groups.list()).map(({name}) => name),
		['administrators', 'dev'],
	);
});

test('many who come at once make each group once', async t => {
	const {company, signIn, groupsOf} = await makeRealmWorld(t, {createGroups: true});
	const names = Array.from({length: 8}, (_, index) => `user${index}`);
	names.forEach(name => company.add(name, ['dev', 'test']));
	await Promise.all(names.map(name => signIn(name)));
	for (const name of names) {
		t.deepEqual(await groupsOf(name), ['dev', 'test']);
	}
});
