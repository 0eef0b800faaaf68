import {RegistryError, actions, findImageName, rightsOf} from '@stowage/core';
import test from 'ava';
import * as fc from 'fast-check';
import {type ScopeAddress, asksForCatalog, grantScopes, parseScopes} from './scope.ts';

const everything = rightsOf({admin: true, anonymousRead: false});
const reading = rightsOf({admin: false, anonymousRead: true});
const nothing = rightsOf({admin: false, anonymousRead: false});

/** As by path: `<key>/<image>`. */
const byPath: ScopeAddress = name => {
	const slash = name.indexOf('/');
	const image = findImageName(name.slice(slash + 1));
	return slash < 1 || image === undefined ? undefined : {repository: name.slice(0, slash), image};
};

const parsed = [
	['repository:docker-local/app:pull', [['repository', 'docker-local/app', ['pull']]]],
	['repository:docker-local/app:pull,push', [['repository', 'docker-local/app', ['pull', 'push']]]],
	['repository:localhost:5000/app:pull', [['repository', 'localhost:5000/app', ['pull']]]],
	['repository(plugin):a/b:pull', [['repository', 'a/b', ['pull']]]],
	['registry:catalog:*', [['registry', 'catalog', ['*']]]],
	['repository:a/b:', [['repository', 'a/b', []]]],
	['repository:a/b:,pull,', [['repository', 'a/b', ['pull']]]],
	['', []],
	['  ', []],
	[
		'repository:a/b:pull  repository:c/d:push',
		[
			['repository', 'a/b', ['pull']],
			['repository', 'c/d', ['push']],
		],
	],
] as const;

for (const [text, scopes] of parsed) {
	test(`"${text}" asks for ${scopes.length} scopes`, t => {
		const expected = scopes.map(([type, name, actions]) => ({type, name, actions: [...actions]}));
		t.deepEqual(parseScopes([text]), expected);
	});
}

test('scopes of repeated parameters are put together', t => {
	t.is(parseScopes(['repository:a/b:pull repository:c/d:pull', 'repository:e/f:pull']).length, 3);
});

for (const text of [
	'repository',
	'repository:a',
	':a:pull',
	'Repository:a/b:pull',
	're po:a',
	'a(B):c:pull',
	`repository:${'a'.repeat(1100)}:pull`,
]) {
	test(`"${text.slice(0, 30)}" is not a scope`, t => {
		const error = t.throws(() => parseScopes([text]), {instanceOf: RegistryError});
		t.is(error?.status, 400);
	});
}

test('thousands of scopes are refused', t => {
	const one = 'repository:docker-local/app:pull';
	t.is(parseScopes(Array.from({length: 32}, () => one)).length, 32);
	for (const many of [Array.from({length: 5000}, () => one), [`${one} `.repeat(5000)]]) {
		t.is(t.throws(() => parseScopes(many), {instanceOf: RegistryError})?.status, 400);
	}
});

test('no parameter whatsoever makes the parser throw anything but a RegistryError', t => {
	const word = fc.oneof(
		fc.constantFrom('repository', ':', 'pull', ',', ' ', '*', '(', ')', 'a/b'),
		fc.string({unit: 'binary'}),
	);
	fc.assert(
		fc.property(
			fc.array(
				fc.array(word).map(words => words.join('')),
				{maxLength: 40},
			),
			values => {
				try {
					grantScopes(parseScopes(values), everything, byPath);
				} catch (error) {
					t.true(error instanceof RegistryError);
				}
			},
		),
		{numRuns: 2000},
	);
	t.pass();
});

const grants = [
	['pull', everything, ['read']],
	['push', everything, ['write', 'delete']],
	['pull,push', everything, ['read', 'write', 'delete']],
	['delete', everything, ['delete']],
	['*', everything, actions],
	['*,pull', everything, actions],
	['admin,pull,PUSH', everything, ['read']],
	['pull,push,delete,*', reading, ['read']],
	['push', reading, undefined],
	['pull', nothing, undefined],
	['constructor', everything, undefined],
	['', everything, undefined],
] as const;

for (const [asked, rights, granted] of grants) {
	const who = rights === everything ? 'all rights' : rights === reading ? 'the right to read' : 'no rights';
	test(`"${asked}" gives somebody with ${who}: ${granted?.join(', ') ?? 'nothing'}`, t => {
		const entries = grantScopes(parseScopes([`repository:docker-local/team/app:${asked}`]), rights, byPath);
		const expected = granted && {repository: 'docker-local', image: 'team/app', actions: [...granted]};
		t.deepEqual<unknown, unknown>(entries, expected === undefined ? [] : [expected]);
	});
}

test('a name that means nothing at the address, or another type, is granted nothing', t => {
	const scopes = parseScopes([
		'repository:app:pull repository:docker-local/../x:pull',
		'registry:catalog:*',
		'job:a/b:pull',
	]);
	t.deepEqual(grantScopes(scopes, everything, byPath), []);
});

test('the catalog is asked for by its own scope only', t => {
	t.true(asksForCatalog(parseScopes(['repository:a/b:pull registry:catalog:*'])));
	for (const scope of ['registry:catalog:pull', 'registry:other:*', 'repository:catalog:*']) {
		t.false(asksForCatalog(parseScopes([scope])), scope);
	}
});
