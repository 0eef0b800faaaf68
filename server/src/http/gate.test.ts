import {type Action, type RegistryError, type RouteAccess, parseImageName} from '@stowage/core';
import test from 'ava';
import type {Authenticated} from '../auth/authenticated.ts';
import {type Asked, checkAccess} from './gate.ts';

interface Who {
	readonly anonymous?: boolean;
	readonly admin?: boolean;
	readonly allowed?: readonly Action[];
	readonly outOfScope?: readonly Action[];
	/** Whether the token is for lists. */
	readonly catalog?: boolean;
}

const image = parseImageName('team/app');

function caller({
	anonymous = false,
	admin = false,
	allowed = [],
	outOfScope = [],
	catalog = false,
}: Who): Authenticated {
	const may = (action: Action, repository: string) => repository === 'docker-local' && allowed.includes(action);
	const lacksScope = (action: Action) => outOfScope.includes(action);
	const self = {name: 'somebody', anonymous, whole: false, admin, may, lacksScope, catalog};
	const listing: Authenticated = {
		...self,
		may: catalog ? () => true : may,
		get listing() {
			return listing;
		},
	};
	return {...self, listing};
}

function refusal(access: RouteAccess, who: Authenticated, asked: Asked = {repository: 'docker-local', image}) {
	try {
		checkAccess(access, who, asked);
	} catch (error) {
		return error as RegistryError;
	}
	return undefined;
}

const read: RouteAccess = {action: 'read', image: 'image'};
const several: RouteAccess = {action: ['write', 'delete'], image: 'image'};

const cases: readonly (readonly [string, RouteAccess, Who, undefined | 401 | 403])[] = [
	['anybody uses what is public', 'public', {anonymous: true}, undefined],
	['anonymous does not pass as signed in', 'signed-in', {anonymous: true}, 401],
	['a user is signed in', 'signed-in', {}, undefined],
	['anonymous is no administrator', 'admin', {anonymous: true}, 401],
	['a user is no administrator', 'admin', {}, 403],
	['an administrator is one', 'admin', {admin: true}, undefined],
	['anonymous without the right is asked to sign in', read, {anonymous: true}, 401],
	['anonymous with the right passes', read, {anonymous: true, allowed: ['read']}, undefined],
	['a user without the right is denied', read, {}, 403],
	['a user with another right is denied', read, {allowed: ['write']}, 403],
	['a token that is too narrow is asked for a wider one', read, {outOfScope: ['read']}, 401],
	['of several actions each must be allowed', several, {allowed: ['write']}, 403],
	['several actions that are all allowed pass', several, {allowed: ['write', 'delete']}, undefined],
	['a token for lists is no good for content', read, {catalog: true, outOfScope: ['read']}, 401],
];

for (const [title, access, who, status] of cases) {
	test(title, t => {
		t.is(refusal(access, caller(who))?.status, status);
	});
}

test('a right in one repository is none in another', t => {
	t.is(refusal(read, caller({allowed: ['read']}), {repository: 'docker-secret', image})?.code, 'DENIED');
});

test('a token for lists may list a repository, and not manage it', t => {
	const who = caller({catalog: true});
	t.is(refusal({action: 'read'}, who, {repository: 'docker-local'}), undefined);
	t.is(refusal({action: 'manage'}, who, {repository: 'docker-local'})?.code, 'DENIED');
});
