import {type AccessEntry, type Action, type ImageName, parseImageName} from '@stowage/core';
import test from 'ava';
import {TokenCaller} from './token-caller.ts';

const app = parseImageName('team/app');
const other = parseImageName('team/other');

/** Of somebody who may do everything in `all` and `dev`, and in `prod` everything but delete. */
const rights = {
	admin: false,
	may: (action: Action, repository: string) =>
		repository === 'dev' || repository === 'all' || (repository === 'prod' && action !== 'delete'),
};

function tokenFor(...entries: readonly AccessEntry[]): TokenCaller {
	return new TokenCaller({rights, entries, catalog: false, expiresAt: 0});
}

function may(caller: TokenCaller, repository: string, image: ImageName, ...actions: Action[]): boolean[] {
	return actions.map(action => caller.may(action, repository, image));
}

const all: AccessEntry = {repository: 'all', image: app, actions: ['read', 'delete']};

test('a token for one repository is none for its members until it is used through it', t => {
	const caller = tokenFor(all);
	t.deepEqual(may(caller, 'dev', app, 'read'), [false]);
	t.deepEqual(may(caller.through('all'), 'dev', app, 'read', 'delete'), [true, true]);
});

test('a token used through a repository is never more than the rights of its owner on the member', t => {
	const inside = tokenFor(all).through('all');
	t.deepEqual(may(inside, 'prod', app, 'read', 'delete'), [true, false]);
	t.deepEqual(may(inside, 'secret', app, 'read', 'delete'), [false, false]);
});

test('a token used through a repository stays one for its image and its actions', t => {
	const inside = tokenFor(all).through('all');
	t.deepEqual(may(inside, 'dev', other, 'read'), [false]);
	t.deepEqual(may(inside, 'dev', app, 'write'), [false]);
	t.true(inside.may('read', 'all', app));
});

test('a token says nothing through a repository that it is not for', t => {
	const caller = tokenFor({repository: 'dev', image: '*', actions: ['read']});
	t.is(caller.through('all'), caller);
	t.deepEqual(may(caller.through('all'), 'prod', app, 'read'), [false]);
});

test('who asks through a repository again is the same caller', t => {
	const caller = tokenFor(all);
	t.is(caller.through('all'), caller.through('all'));
	t.deepEqual(may(caller.through('all').through('nested'), 'dev', app, 'read'), [true]);
});
