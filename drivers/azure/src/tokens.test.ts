import type {AccessToken, TokenCredential} from '@azure/identity';
import test from 'ava';
import {classifyError} from './errors.ts';
import {Tokens} from './tokens.ts';

const minute = 60_000;

function token(text: string, lifetime: number): AccessToken {
	return {token: text, expiresOnTimestamp: Date.now() + lifetime};
}

/** An identity that gives these in turn. */
function identity(
	...answers: readonly (() => Promise<AccessToken>)[]
): TokenCredential & {readonly asked: () => number} {
	let asked = 0;
	return {
		getToken: async () => {
			asked += 1;
			return answers[asked - 1]!();
		},
		asked: () => asked,
	};
}

const fails = async () => {
	throw new Error('no more');
};
const waits = () => new Promise<never>(() => undefined);

test('a token is asked for once, whoever comes at the same time or later', async t => {
	const credential = identity(async () => token('a', 60 * minute), fails);
	const tokens = new Tokens(credential, minute);
	t.deepEqual(await Promise.all([tokens.get({}), tokens.get({})]), ['a', 'a']);
	t.is(await tokens.get({}), 'a');
	t.is(credential.asked(), 1);
});

test('a token that ends soon is used while another is asked for, also when there is none', async t => {
	const credential = identity(
		async () => token('a', minute),
		fails,
		async () => token('b', 60 * minute),
	);
	const tokens = new Tokens(credential, minute);
	for (const expected of ['a', 'a', 'a']) {
		t.is(await tokens.get({}), expected);
		// What was asked for meanwhile has been answered.
		await new Promise(setImmediate);
	}
	t.is(await tokens.get({}), 'b');
	t.is(credential.asked(), 3);
});

test('a token that has ended is not used', async t => {
	const tokens = new Tokens(
		identity(
			async () => token('a', 1_000),
			async () => token('b', minute),
		),
		minute,
	);
	t.is(await tokens.get({}), 'a');
	t.is(await tokens.get({}), 'b');
});

test('a silent identity is unavailable, and asked again the next time', async t => {
	// A limit of time keeps no process alive by itself, as a server's sockets do.
	const alive = setInterval(() => undefined, minute);
	t.teardown(() => clearInterval(alive));
	const tokens = new Tokens(
		identity(waits, async () => token('b', minute)),
		50,
	);
	const error = await t.throwsAsync(tokens.get({}), {code: 'ETIMEDOUT'});
	t.is(classifyError(error), 'unavailable');
	t.is(await tokens.get({}), 'b');
});

test('who gives up waits no longer, and takes nothing from the others', async t => {
	const given = Promise.withResolvers<AccessToken>();
	const tokens = new Tokens(
		identity(() => given.promise),
		minute,
	);
	const leave = new AbortController();
	const left = tokens.get({signal: leave.signal});
	const stays = tokens.get({});
	leave.abort(new Error('left'));
	await t.throwsAsync(left, {message: 'left'});
	given.resolve(token('a', minute));
	t.is(await stays, 'a');
});
