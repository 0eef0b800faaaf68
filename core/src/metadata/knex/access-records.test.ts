import {randomUUID} from 'node:crypto';
import type {AccessTokenRecord, MetadataStore, PermissionTarget, UserRecord} from '@stowage/core';
import {databases} from '@stowage/test-servers/databases';
import {openMetadataWorld} from '@stowage/test-servers/metadata-world';
import test from 'ava';

const group = {description: '', autoJoin: false, adminPrivileges: false};

function addUser(store: MetadataStore, name: string): Promise<UserRecord> {
	return store.users.insert({name, admin: false, disabled: false, passwordHash: 'hash'});
}

function token(parts: Partial<AccessTokenRecord> = {}): AccessTokenRecord {
	return {
		id: randomUUID(),
		kind: 'access',
		subject: 'ann',
		scope: 'applied-permissions/user',
		description: '',
		issuedBy: 'ann',
		issuedAt: new Date(1000),
		...parts,
	};
}

const target: PermissionTarget = {
	name: 'target',
	repo: {
		repositories: ['docker-local', 'ANY REMOTE'],
		includes: ['team/**'],
		excludes: ['**/x'],
		users: {ann: ['read', 'write'], Ann: ['read']},
		groups: {team: ['manage']},
	},
	build: {
		repositories: ['artifactory-build-info'],
		includes: ['**'],
		excludes: [],
		users: {},
		groups: {team: ['read']},
	},
};

for (const database of databases()) {
	const on = (title: string) => `${database.name}: ${title}`;

	test(on('users come back with their profiles'), async t => {
		const {store} = await openMetadataWorld(t, database);
		const profile = {
			email: 'ann@example.org',
			realm: 'ldap',
			externalId: 'uid=ann',
			profileLocked: true,
			internalPasswordDisabled: true,
			uiDisabled: true,
		};
		const user = await store.users.insert({name: 'ann', admin: true, disabled: false, ...profile});
		t.deepEqual(await store.users.find('ann'), user);
		const plain = {id: user.id, name: 'ann', admin: true, disabled: false, version: 1, credentialVersion: 1};
		const changed = await store.users.update({...plain, createdAt: user.createdAt, updatedAt: user.updatedAt});
		t.deepEqual(await store.users.find('ann'), {...plain, ...changed, version: 2, credentialVersion: 1});
	});

	test(on('only what counts for credentials changes their version'), async t => {
		const {store} = await openMetadataWorld(t, database);
		let user = await addUser(store, 'ann');
		for (const [change, version] of [
			[{email: 'ann@example.org'}, 1],
			[{passwordHash: 'other'}, 2],
			[{disabled: true}, 3],
			[{disabled: true}, 3],
			[{admin: true}, 4],
			[{passwordHash: undefined}, 5],
		] as const) {
			user = await store.users.update({...user, ...change});
			t.is(user.credentialVersion, version);
			t.is((await store.users.find('ann'))?.credentialVersion, version);
		}
		await t.throwsAsync(store.users.update({...user, version: 1}), {code: 'CONFLICT'});
	});

	test(on('a sign-in is remembered to the minute and is no change'), async t => {
		const {store} = await openMetadataWorld(t, database);
		const {id} = await addUser(store, 'ann');
		for (const [at, remembered] of [
			[100_000, 100_000],
			[159_999, 100_000],
			[160_000, 160_000],
			[90_000, 160_000],
		] as const) {
			await store.users.signedIn(id, new Date(at));
			t.like(await store.users.find('ann'), {version: 1, lastLoggedIn: new Date(remembered)});
		}
	});

	test(on('users are listed by page'), async t => {
		const {store} = await openMetadataWorld(t, database);
		for (const name of ['b', 'B', 'a', 'c ']) {
			await addUser(store, name);
		}
		const first = await store.users.list({limit: 3});
		t.deepEqual(
			first.items.map(({name}) => name),
			['B', 'a', 'b'],
		);
		const second = await store.users.list({limit: 3, after: first.next ?? ''});
		t.deepEqual(
			second.items.map(({name}) => name),
			['c '],
		);
		t.is(second.next, undefined);
	});

	test(on('groups come back as they were stored, and only their last version is changed'), async t => {
		const {store} = await openMetadataWorld(t, database);
		const one = await store.groups.insert({name: 'team', ...group});
		const all = {realm: 'ldap', realmAttributes: 'dn', externalId: 'cn=t', autoJoin: true, adminPrivileges: true};
		await store.groups.insert({name: 'Team', description: 'x', ...all});
		t.deepEqual(await store.groups.find('team'), one);
		t.like(await store.groups.find('Team'), all);
		const changed = await store.groups.update({...one, description: 'new'});
		t.deepEqual(await store.groups.find('team'), changed);
		await t.throwsAsync(store.groups.update(one), {code: 'CONFLICT'});
		await t.throwsAsync(store.groups.insert({name: 'team', ...group}), {code: 'CONFLICT'});
		t.deepEqual(
			(await store.groups.list()).map(({name}) => name),
			['Team', 'team'],
		);
	});

	test(on('memberships are set from both sides, and end with user and group'), async t => {
		const {store} = await openMetadataWorld(t, database);
		const [ann, bob] = [await addUser(store, 'ann'), await addUser(store, 'bob')];
		const [one, two] = [
			await store.groups.insert({name: 'one', ...group}),
			await store.groups.insert({name: 'two', ...group}),
		];
		await store.memberships.setGroups(ann.id, [two.id, one.id, one.id]);
		t.deepEqual(await store.memberships.groupsOf(ann.id), ['one', 'two']);
		await store.memberships.setMembers(one.id, [bob.id]);
		t.deepEqual(await store.memberships.membersOf(one.id), ['bob']);
		t.deepEqual(await store.memberships.groupsOf(ann.id), ['two']);
		t.true(await store.groups.delete(two.id));
		t.false(await store.groups.delete(two.id));
		t.deepEqual(await store.memberships.groupsOf(ann.id), []);
		t.true(await store.users.delete(bob.id));
		t.deepEqual(await store.memberships.membersOf(one.id), []);
		await t.throwsAsync(store.memberships.setGroups(ann.id, [two.id]), {code: 'CONFLICT'});
	});

	test(on('permission targets come back as they were stored'), async t => {
		const {store} = await openMetadataWorld(t, database);
		await addUser(store, 'ann');
		await addUser(store, 'Ann');
		await store.groups.insert({name: 'team', ...group});
		const made = await store.permissionTargets.insert(target);
		t.deepEqual(await store.permissionTargets.find('target'), made);
		t.deepEqual(await store.permissionTargets.list(), [made]);
		const changed = await store.permissionTargets.update({...made, build: undefined, repo: {...made.repo!, users: {}}});
		t.like(await store.permissionTargets.find('target'), {version: 2, build: undefined, repo: {users: {}}});
		await t.throwsAsync(store.permissionTargets.update(made), {code: 'CONFLICT'});
		await t.throwsAsync(store.permissionTargets.insert(target), {code: 'CONFLICT'});
		t.true(await store.permissionTargets.delete(changed.id));
		t.false(await store.permissionTargets.delete(changed.id));
		t.is(await store.permissionTargets.find('target'), undefined);
	});

	test(on('nothing is granted to who is not there, and grants end with who had them'), async t => {
		const {store} = await openMetadataWorld(t, database);
		const ann = await addUser(store, 'ann');
		await t.throwsAsync(store.permissionTargets.insert(target), {code: 'CONFLICT'});
		t.deepEqual(await store.permissionTargets.list(), []);
		await addUser(store, 'Ann');
		const {id} = await store.groups.insert({name: 'team', ...group});
		await store.permissionTargets.insert(target);
		await store.users.delete(ann.id);
		await store.groups.delete(id);
		await addUser(store, 'ann');
		await store.groups.insert({name: 'team', ...group});
		t.like(await store.permissionTargets.find('target'), {
			repo: {users: {Ann: ['read']}, groups: {}},
			build: {groups: {}},
		});
	});

	test(on('rights on a repository end with it, and nobody inherits them'), async t => {
		const {store, repositoryId} = await openMetadataWorld(t, database);
		await addUser(store, 'ann');
		await addUser(store, 'Ann');
		await store.groups.insert({name: 'team', ...group});
		await store.permissionTargets.insert(target);
		const revision = await store.accessRevision.current();
		t.true(await store.definitions.delete(repositoryId));
		t.like(await store.permissionTargets.find('target'), {
			version: 2,
			repo: {...target.repo, repositories: ['ANY REMOTE']},
			build: target.build,
		});
		t.true((await store.accessRevision.current()) > revision);
	});

	test(on('every change of groups and targets, and the end of a user, changes the revision'), async t => {
		const {store, openAnother} = await openMetadataWorld(t, database);
		const other = await openAnother();
		const seen = new Set<number>([await other.accessRevision.current()]);
		const expectChange = async <Result>(work: Promise<Result>): Promise<Result> => {
			const result = await work;
			const {size} = seen;
			t.is(seen.add(await other.accessRevision.current()).size, size + 1);
			return result;
		};
		const ann = await addUser(store, 'ann');
		await addUser(store, 'Ann');
		const team = await expectChange(store.groups.insert({name: 'team', ...group}));
		await expectChange(store.groups.update(team));
		const made = await expectChange(store.permissionTargets.insert(target));
		const changed = await expectChange(store.permissionTargets.update(made));
		await expectChange(store.permissionTargets.delete(changed.id));
		await expectChange(store.groups.delete(team.id));
		await expectChange(store.users.delete(ann.id));
		await expectChange(store.accessRevision.advance());
	});

	test(on('tokens are found by what they are known by, and end with their users'), async t => {
		const {store} = await openMetadataWorld(t, database);
		const ann = await addUser(store, 'ann');
		const whole = token({
			userId: ann.id,
			expiresAt: new Date(5000),
			endsAt: new Date(9000),
			secretHash: 'a'.repeat(64),
			refreshHash: 'b'.repeat(64),
		});
		const key = token({kind: 'api-key', userId: ann.id, secretHash: 'c'.repeat(64)});
		const stranger = token({subject: 'robot', issuedAt: new Date(2000)});
		for (const one of [whole, key, stranger]) {
			await store.accessTokens.insert(one);
			t.deepEqual(await store.accessTokens.find(one.id), one);
		}
		t.deepEqual(await store.accessTokens.findBySecret('a'.repeat(64)), whole);
		t.deepEqual(await store.accessTokens.findByRefresh('b'.repeat(64)), whole);
		t.deepEqual(await store.accessTokens.findApiKey(ann.id), key);
		t.deepEqual(await store.accessTokens.list(), [whole, stranger]);
		t.deepEqual(await store.accessTokens.list('robot'), [stranger]);
		await t.throwsAsync(store.accessTokens.insert(token({kind: 'api-key', userId: ann.id})), {code: 'CONFLICT'});
		await store.users.delete(ann.id);
		t.is(await store.accessTokens.find(whole.id), undefined);
		t.is(await store.accessTokens.findApiKey(ann.id), undefined);
		t.deepEqual(await store.accessTokens.list(), [stranger]);
	});

	test(on('one of several who revoke a token does it, and what has ended is cleared away'), async t => {
		const {store, openAnother} = await openMetadataWorld(t, database);
		const other = await openAnother();
		const [one, ended, lasting] = [token(), token({endsAt: new Date(5000)}), token({endsAt: new Date(5001)})];
		for (const each of [one, ended, lasting]) {
			await store.accessTokens.insert(each);
		}
		const told = await Promise.all([store, other, store].map(each => each.accessTokens.delete(one.id)));
		t.is(told.filter(Boolean).length, 1);
		await store.accessTokens.deleteEnded(new Date(5001));
		t.deepEqual(await store.accessTokens.list(), [lasting]);
	});
}
