import test from 'ava';
import {findImageName, parseImageName} from '../oci/image-name.ts';
import {AccessRules, type AccessRulesParts} from './access-rules.ts';
import {type Action, actions} from './action.ts';
import type {PermissionSection, RepositoryClass} from './permission-target.ts';

const classes: Readonly<Record<string, RepositoryClass>> = {
	'docker-local': 'local',
	'other-local': 'local',
	'docker-hub': 'remote',
	'docker-hub-cache': 'remote',
	'plain-cache': 'local',
	docker: 'virtual',
};

/** What `docker` is made of. */
const hubOf = (key: string) => (key === 'docker' ? ['docker-hub'] : []);

function section(parts: Partial<PermissionSection>): PermissionSection {
	return {repositories: ['docker-local'], includes: ['**'], excludes: [], users: {}, groups: {}, ...parts};
}

function makeRules(repo: Partial<PermissionSection>, more: Partial<AccessRulesParts> = {}): AccessRules {
	return new AccessRules({
		targets: [{name: 'target', repo: section(repo)}],
		groups: [{name: 'owners', adminPrivileges: true}],
		anonymousRead: false,
		classOf: key => classes[key],
		...more,
	});
}

function allowed(rules: AccessRules, repository: string, image?: string): readonly Action[] {
	const rights = rules.rightsOf({user: 'ann', groups: ['team'], admin: false});
	return actions.filter(action =>
		rights.may(action, repository, image === undefined ? undefined : parseImageName(image)),
	);
}

test('a target grants what it says, to whom it says, where it says', t => {
	const rules = makeRules({users: {ann: ['read', 'write'], bob: ['delete']}});
	t.deepEqual(allowed(rules, 'docker-local', 'team/app'), ['read', 'write']);
	t.deepEqual(allowed(rules, 'docker-local'), ['read', 'write']);
	t.deepEqual(allowed(rules, 'other-local', 'team/app'), []);
	t.deepEqual(allowed(rules, 'nowhere', 'team/app'), []);
});

test('what is granted to a group its members may, and what is granted twice adds up', t => {
	const rules = makeRules({users: {ann: ['read']}, groups: {team: ['annotate'], others: ['manage']}});
	t.deepEqual(allowed(rules, 'docker-local', 'app'), ['read', 'annotate']);
});

test('a group is not taken for a user of its name, nor a user for a group', t => {
	const rules = makeRules({users: {team: ['read']}, groups: {ann: ['read']}});
	t.deepEqual(allowed(rules, 'docker-local', 'app'), []);
});

test('an image must be included and must not be excluded', t => {
	const rules = makeRules({includes: ['team/**', 'app'], excludes: ['**/secret/**'], users: {ann: ['read']}});
	t.deepEqual(allowed(rules, 'docker-local', 'team/app'), ['read']);
	t.deepEqual(allowed(rules, 'docker-local', 'app'), ['read']);
	t.deepEqual(allowed(rules, 'docker-local', 'apps'), []);
	t.deepEqual(allowed(rules, 'docker-local', 'team/secret/app'), []);
	t.deepEqual(allowed(rules, 'docker-local'), ['read']);
});

test('what includes nothing, excludes everything or cannot be read grants nothing', t => {
	for (const places of [{includes: []}, {excludes: ['**']}, {includes: ['']}, {excludes: ['..']}]) {
		const rules = makeRules({...places, users: {ann: ['read']}});
		t.deepEqual(allowed(rules, 'docker-local', 'app'), []);
		t.deepEqual(allowed(rules, 'docker-local'), []);
	}
});

const words: readonly (readonly [repositories: readonly string[], keys: readonly string[]])[] = [
	[['ANY'], ['docker-local', 'other-local', 'docker-hub', 'docker-hub-cache', 'plain-cache', 'docker', 'unknown']],
	[['ANY LOCAL'], ['docker-local', 'other-local', 'plain-cache']],
	[['ANY REMOTE'], ['docker-hub', 'docker-hub-cache']],
	[['docker-hub'], ['docker-hub', 'docker-hub-cache']],
	[['docker-hub-cache'], ['docker-hub', 'docker-hub-cache']],
	[['plain-cache'], ['plain-cache']],
	[['plain'], []],
	[
		['ANY REMOTE', 'docker'],
		['docker-hub', 'docker-hub-cache', 'docker'],
	],
	[
		['ANY LOCAL', 'ANY REMOTE'],
		['docker-local', 'other-local', 'docker-hub', 'docker-hub-cache', 'plain-cache'],
	],
];

for (const [repositories, keys] of words) {
	for (const count of [1, 10]) {
		test(`${repositories.join(' and ')} means ${keys.join(', ') || 'nothing'}, in ${count} of a kind`, t => {
			const targets = Array.from({length: count}, (_, index) => ({
				name: `target ${index}`,
				repo: section({repositories, users: {ann: ['read']}}),
			}));
			const rules = makeRules({}, {targets});
			const all = [...Object.keys(classes), 'unknown'];
			t.deepEqual(
				all.filter(key => allowed(rules, key, 'app').length > 0),
				all.filter(key => keys.includes(key)),
			);
		});
	}
}

test('what becomes of a key is seen by rights that are remembered', t => {
	const kinds = new Map<string, RepositoryClass>([['docker', 'local']]);
	const targets = Array.from({length: 10}, (_, index) => ({
		name: `${index}`,
		repo: section({repositories: ['ANY LOCAL'], users: {ann: ['read']}}),
	}));
	const {may} = makeRules({}, {targets, classOf: key => kinds.get(key)}).rightsOf({
		user: 'ann',
		groups: [],
		admin: false,
	});
	t.true(may('read', 'docker'));
	kinds.set('docker', 'virtual');
	t.false(may('read', 'docker'));
});

test('decisions stay right when more are asked for than are remembered', t => {
	const targets = Array.from({length: 300}, (_, index) => ({
		name: `${index}`,
		repo: section({repositories: [`r${index}`], includes: [`team/i${index}/**`], users: {ann: ['read']}}),
	}));
	const {may} = makeRules({}, {targets}).rightsOf({user: 'ann', groups: [], admin: false});
	for (const round of [1, 2]) {
		for (let index = 0; index < 300; index++) {
			t.true(may('read', `r${index}`, parseImageName(`team/i${index}`)), `${round}`);
			t.false(may('read', `r${index}`, parseImageName(`team/i${index + 1}`)), `${round}`);
			t.false(may('write', `r${index}`, parseImageName(`team/i${index}`)), `${round}`);
		}
	}
});

test('administrators and members of their groups may do everything', t => {
	const rules = makeRules({});
	for (const principal of [
		{user: 'ann', groups: [], admin: true},
		{user: 'ann', groups: ['owners'], admin: false},
	]) {
		const rights = rules.rightsOf(principal);
		t.true(rights.admin);
		t.true(rights.may('manage', 'docker-local'));
	}
});

test('where everybody may read, so may who was granted something else', t => {
	const rules = makeRules({users: {ann: ['write']}}, {anonymousRead: true});
	t.deepEqual(allowed(rules, 'docker-local', 'app'), ['read', 'write']);
	t.deepEqual(allowed(rules, 'other-local', 'app'), ['read']);
});

test('grants on builds are grants on the repository of builds', t => {
	const build = section({repositories: ['artifactory-build-info'], includes: ['app/**'], users: {ann: ['read']}});
	const rules = makeRules({}, {targets: [{name: 'builds', build}]});
	t.deepEqual(allowed(rules, 'artifactory-build-info', 'app'), ['read']);
	t.deepEqual(allowed(rules, 'docker-local', 'app'), []);
});

test('names of objects of the language are names like others', t => {
	const rules = makeRules({
		repositories: ['constructor'],
		users: Object.fromEntries([['__proto__', ['read' as const]]]),
	});
	t.true(rules.rightsOf({user: '__proto__', groups: [], admin: false}).may('read', 'constructor'));
	t.false(rules.rightsOf({user: 'toString', groups: ['valueOf'], admin: false}).may('read', 'constructor'));
});

/** As Docker Hub has it, in `docker-hub` and its cache. */
const otherNameOf: AccessRulesParts['otherNameOf'] = (key, image) =>
	key.startsWith('docker-hub')
		? findImageName(image.replace(/^(library\/)?/, (part: string) => (part ? '' : 'library/')))
		: undefined;

for (const [patterns, rights] of [
	[{excludes: ['library/busybox/**']}, []],
	[{excludes: ['busybox']}, []],
	[{includes: ['library/**']}, ['read']],
	[{includes: ['busybox']}, ['read']],
	[{includes: ['library/**'], excludes: ['busy*']}, []],
	[{includes: ['team/**']}, []],
] as const) {
	test(`${JSON.stringify(patterns)} means the same by both names of an image`, t => {
		const places = {repositories: ['docker-hub', 'docker-local']};
		const rules = makeRules({...patterns, ...places, users: {ann: ['read']}}, {otherNameOf, membersOf: hubOf});
		for (const key of ['docker-hub', 'docker-hub-cache', 'docker']) {
			for (const image of ['busybox', 'library/busybox']) {
				t.deepEqual(allowed(rules, key, image), rights, `${key}/${image}`);
			}
		}
	});
}

test('where an image has one name, patterns are about that', t => {
	const rules = makeRules({excludes: ['library/**'], users: {ann: ['read']}}, {otherNameOf});
	t.deepEqual(allowed(rules, 'docker-local', 'busybox'), ['read']);
	t.deepEqual(allowed(rules, 'docker-local', 'library/busybox'), []);
});

test('what becomes of the names of a repository is seen by rights that are remembered', t => {
	let two = false;
	const {may} = makeRules(
		{excludes: ['library/**'], users: {ann: ['read']}},
		{otherNameOf: (_key, image) => (two ? findImageName(`library/${image}`) : undefined)},
	).rightsOf({user: 'ann', groups: [], admin: false});
	t.true(may('read', 'docker-local', parseImageName('busybox')));
	two = true;
	t.false(may('read', 'docker-local', parseImageName('busybox')));
});

test('who may do something to a member may ask it of what is made of it, and of nothing else', t => {
	const members: Readonly<Record<string, readonly string[]>> = {docker: ['other-local', 'docker-local']};
	const membersOf = (key: string) => members[key] ?? [];
	const rules = makeRules({users: {ann: ['read', 'write']}, includes: ['team/**']}, {membersOf});
	t.deepEqual(allowed(rules, 'docker', 'team/app'), ['read', 'write']);
	t.deepEqual(allowed(rules, 'docker', 'other/app'), []);
	t.deepEqual(allowed(rules, 'other-local', 'team/app'), []);
	t.deepEqual(allowed(makeRules({users: {ann: ['read']}}), 'docker', 'team/app'), []);
});
