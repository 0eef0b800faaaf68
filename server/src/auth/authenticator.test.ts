import {type Logger, type NewUserRecord, RegistryError} from '@stowage/core';
import {openMetadata} from '@stowage/core/metadata';
import test, {type ExecutionContext} from 'ava';
import * as fc from 'fast-check';
import {type Authenticated, Authenticator} from './authenticator.ts';
import {basicAuthorization} from './authorization-header.ts';
import {changePassword} from './change-password.ts';
import {isInitialPassword, rememberInitialPassword} from './initial-password.ts';
import {hashPassword} from './password-hash.ts';

const address = '192.0.2.1';
const silent: Logger = {debug: () => {}, info: () => {}, warn: () => {}, error: () => {}, child: () => silent};

async function makeWorld(t: ExecutionContext, {anonymousRead = false} = {}) {
	const metadata = await openMetadata({client: 'sqlite', file: ':memory:'});
	t.teardown(() => metadata.close());
	const clock = {now: 1_700_000_000_000};
	const open = () =>
		Authenticator.open({metadata, logger: silent, anonymousRead, tokenLifetimeSeconds: 3600, now: () => clock.now});
	const addUser = async (name: string, password: string, more: Partial<NewUserRecord> = {}) =>
		metadata.users.insert({name, admin: false, disabled: false, passwordHash: await hashPassword(password), ...more});
	return {metadata, clock, open, addUser, authenticator: await open()};
}

/** Runs what may answer at once or with a promise, so that both kinds of failure look the same. */
async function signIn(authenticator: Authenticator, authorization: string, from = address): Promise<Authenticated> {
	return authenticator.authenticate(authorization, from);
}

const ann = basicAuthorization('ann', 'correct horse');

test('a user signs in with his password', async t => {
	const {authenticator, addUser} = await makeWorld(t);
	const {id} = await addUser('ann', 'correct horse');
	const caller = await signIn(authenticator, ann);
	t.like(caller, {name: 'ann', anonymous: false, admin: false, user: {id, name: 'ann', version: 1}});
	t.false(caller.may('read', 'docker-local'));
	t.false(caller.lacksScope('read', 'docker-local'));
});

test('an administrator may do everything, and a caller without a header nothing', async t => {
	const {authenticator, addUser} = await makeWorld(t);
	await addUser('root', 'correct horse', {admin: true});
	const admin = await signIn(authenticator, basicAuthorization('root', 'correct horse'));
	t.true(admin.admin && admin.may('manage', 'docker-local'));
	const nobody = authenticator.authenticate(undefined, address) as Authenticated;
	t.like(nobody, {name: 'anonymous', anonymous: true, admin: false, user: undefined});
	t.false(nobody.may('read', 'docker-local'));
});

test('with anonymous reading everybody may read and not write', async t => {
	const {authenticator, addUser} = await makeWorld(t, {anonymousRead: true});
	await addUser('ann', 'correct horse');
	for (const caller of [await authenticator.authenticate(undefined, address), await signIn(authenticator, ann)]) {
		t.true(caller.may('read', 'docker-local'));
		t.false(caller.may('write', 'docker-local'));
	}
});

test('remembered credentials are answered at once, without comparing the password again', async t => {
	const {authenticator, addUser} = await makeWorld(t);
	await addUser('ann', 'correct horse');
	const first = await signIn(authenticator, ann);
	t.is(authenticator.authenticate(ann, address), first);
	t.is(authenticator.passwordRuns, 1);
});

test('a password is compared again after a minute', async t => {
	const {authenticator, addUser, clock} = await makeWorld(t);
	await addUser('ann', 'correct horse');
	await signIn(authenticator, ann);
	clock.now += 60_000;
	await signIn(authenticator, ann);
	t.is(authenticator.passwordRuns, 2);
});

test('many first requests with the same credentials share one comparison', async t => {
	const {authenticator, addUser} = await makeWorld(t);
	await addUser('ann', 'correct horse');
	const callers = await Promise.all(Array.from({length: 50}, () => signIn(authenticator, ann)));
	t.true(callers.every(({name}) => name === 'ann'));
	t.is(authenticator.passwordRuns, 1);
});

const refusals = [
	['a wrong password', 'ann', 'wrong horse'],
	['an unknown user', 'nobody', 'correct horse'],
	['an unknown user whose name begins like a known one', 'ann\u00df', 'correct horse'],
	['another case of the name', 'ANN', 'correct horse'],
	['a disabled user', 'gone', 'correct horse'],
	['a user without a password', 'robot', 'correct horse'],
	['a user whose stored hash is broken', 'broken', 'correct horse'],
	['no password', 'ann', ''],
	['no name', '', 'correct horse'],
] as const;

for (const [title, name, password] of refusals) {
	test(`${title} is refused like any other, at the cost of one comparison`, async t => {
		const {authenticator, addUser} = await makeWorld(t);
		await addUser('ann', 'correct horse');
		await addUser('gone', 'correct horse', {disabled: true});
		await addUser('robot', '', {passwordHash: undefined});
		await addUser('broken', '', {passwordHash: 'correct horse'});
		const error = await t.throwsAsync(signIn(authenticator, basicAuthorization(name, password)), {
			instanceOf: RegistryError,
		});
		t.like(error, {code: 'UNAUTHORIZED', status: 401, message: 'invalid credentials', detail: undefined});
		t.is(authenticator.passwordRuns, 1);
	});
}

for (const header of ['', 'Basic', 'Basic ????', 'Bearer', 'Bearer a.b.c', 'Bearer eyJ.eyJ.x', 'Digest x', '\u0000']) {
	test(`${JSON.stringify(header)} is refused without comparing a password`, async t => {
		const {authenticator} = await makeWorld(t);
		await t.throwsAsync(signIn(authenticator, header), {instanceOf: RegistryError, code: 'UNAUTHORIZED'});
		t.is(authenticator.passwordRuns, 0);
	});
}

test('no header whatsoever is answered with anything but a RegistryError', async t => {
	const {authenticator, addUser} = await makeWorld(t);
	await addUser('ann', 'correct horse');
	const header = fc.oneof(
		fc.string({unit: 'binary'}),
		fc.tuple(fc.constantFrom('Basic ', 'bearer ', 'Bearer eyJ'), fc.base64String()).map(parts => parts.join('')),
	);
	await fc.assert(
		fc.asyncProperty(header, async header => {
			const error = await t.throwsAsync(signIn(authenticator, header), {instanceOf: RegistryError});
			t.true(error?.status === 401 || error?.status === 429);
		}),
		{numRuns: 300},
	);
});

const changes = [
	[
		'changed his password',
		{passwordHash: '$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc'},
	],
	['was disabled', {disabled: true}],
] as const;

for (const [what, change] of changes) {
	test(`a user who ${what} is refused within five seconds although his password is remembered`, async t => {
		const {authenticator, metadata, addUser, clock} = await makeWorld(t);
		const user = await addUser('ann', 'correct horse');
		await signIn(authenticator, ann);
		await metadata.users.update({...user, ...change});
		clock.now += 5000;
		await t.throwsAsync(signIn(authenticator, ann), {code: 'UNAUTHORIZED'});
	});

	test(`a user who ${what} is refused within five seconds although he asks all the time`, async t => {
		const {authenticator, metadata, addUser, clock} = await makeWorld(t);
		const user = await addUser('ann', 'correct horse');
		await signIn(authenticator, ann);
		await metadata.users.update({...user, ...change});
		for (let seconds = 1; seconds < 5; seconds++) {
			clock.now += 1000;
			await signIn(authenticator, ann).catch(() => {});
			await metadata.check();
		}
		clock.now += 999;
		await t.throwsAsync(signIn(authenticator, ann), {code: 'UNAUTHORIZED'});
	});
}

test('a user who became an administrator is one within five seconds', async t => {
	const {authenticator, metadata, addUser, clock} = await makeWorld(t);
	const user = await addUser('ann', 'correct horse');
	t.false((await signIn(authenticator, ann)).admin);
	await metadata.users.update({...user, admin: true});
	clock.now += 5000;
	t.true((await signIn(authenticator, ann)).admin);
});

test('a new password is good at once', async t => {
	const {authenticator, metadata, addUser} = await makeWorld(t);
	await addUser('ann', 'correct horse');
	await signIn(authenticator, ann);
	await changePassword(metadata, 'ann', 'better horse');
	t.is((await signIn(authenticator, basicAuthorization('ann', 'better horse'))).name, 'ann');
});

test('a hash made with other parameters is replaced when its owner signs in', async t => {
	const {authenticator, metadata, addUser} = await makeWorld(t);
	await addUser('ann', '', {
		passwordHash: '$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc',
	});
	const password = basicAuthorization('ann', 'password');
	const caller = await signIn(authenticator, password);
	t.regex((await metadata.users.find('ann'))?.passwordHash ?? '', /^\$argon2id\$v=19\$m=32768,/);
	t.is(caller.user?.version, 2);
	t.is(authenticator.authenticate(password, address), caller);
});

test('the initial password stays the initial one when its hash is replaced', async t => {
	const {authenticator, metadata, addUser} = await makeWorld(t);
	const passwordHash = '$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc';
	await addUser('admin', '', {admin: true, passwordHash});
	await rememberInitialPassword(metadata, passwordHash);
	await signIn(authenticator, basicAuthorization('admin', 'password'));
	t.not((await metadata.users.find('admin'))?.passwordHash, passwordHash);
	t.true(await isInitialPassword(metadata));
});

for (const name of ['ann', 'nobody']) {
	test(`guessing the password of ${name} is slowed down, even when the guess is right`, async t => {
		const {authenticator, addUser, clock} = await makeWorld(t);
		await addUser('ann', 'correct horse');
		for (let guess = 0; guess < 6; guess++) {
			const wrong = basicAuthorization(name, `wrong ${guess}`);
			await t.throwsAsync(signIn(authenticator, wrong), {code: 'UNAUTHORIZED'});
		}
		const right = basicAuthorization(name, 'correct horse');
		const error = await t.throwsAsync(signIn(authenticator, right), {instanceOf: RegistryError});
		t.like(error, {code: 'TOOMANYREQUESTS', status: 429, headers: {'Retry-After': '1'}});
		t.is(authenticator.passwordRuns, 6);
		clock.now += 1000;
		await (name === 'ann'
			? t.notThrowsAsync(signIn(authenticator, right))
			: t.throwsAsync(signIn(authenticator, right), {code: 'UNAUTHORIZED'}));
	});
}

test('guesses of others at the same address do not shut out who is remembered', async t => {
	const {authenticator, addUser} = await makeWorld(t);
	await addUser('ann', 'correct horse');
	await signIn(authenticator, ann);
	for (let guess = 0; guess < 10; guess++) {
		await t.throwsAsync(signIn(authenticator, basicAuthorization('ann', `wrong ${guess}`)));
	}
	t.is((await signIn(authenticator, ann)).name, 'ann');
});

test('guesses made at once are slowed down like those made one by one', async t => {
	const {authenticator, addUser} = await makeWorld(t);
	await addUser('ann', 'correct horse');
	const guesses = Array.from({length: 30}, (_, guess) => basicAuthorization('ann', `wrong ${guess}`));
	await Promise.allSettled(guesses.map(guess => signIn(authenticator, guess)));
	t.is(authenticator.passwordRuns, 6);
});

test('a flood of sign-ins is answered with 503 and Retry-After, and counts as no failure', async t => {
	const {authenticator, addUser} = await makeWorld(t);
	await addUser('ann', 'correct horse');
	const flood = Array.from({length: 115}, (_, index) =>
		signIn(authenticator, basicAuthorization('ann', `wrong ${index}`), `198.51.${index}.1`),
	);
	const reasons = (await Promise.allSettled(flood)).map(outcome =>
		outcome.status === 'rejected' ? (outcome.reason as RegistryError) : undefined,
	);
	const refused = reasons.filter(reason => reason?.code === 'UNAVAILABLE');
	t.true(refused.length >= 10 && refused.length < 20, `${refused.length} refused`);
	t.true(refused.every(reason => reason?.status === 503 && Number(reason.headers['Retry-After']) > 0));
	t.is(authenticator.passwordRuns, 115 - refused.length);
	t.is((await signIn(authenticator, ann)).name, 'ann');
});
