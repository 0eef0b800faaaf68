import assert from 'node:assert/strict';
import type {AuthenticatorUnderTest, DefineCase} from './suite-case.ts';

async function verify({authenticator}: AuthenticatorUnderTest, token: string) {
	assert.ok('verifyToken' in authenticator, 'these cases are for an authenticator that checks tokens');
	return authenticator.verifyToken?.(token);
}

async function tokenOf(under: AuthenticatorUnderTest): Promise<string> {
	const token = await under.makeToken?.();
	assert.ok(token !== undefined, 'the suite needs tokens');
	return token;
}

/** Tokens of somebody else. */
export function tokens(define: DefineCase): void {
	define('a good token is worth something, until it expires', async under => {
		const found = await verify(under, await tokenOf(under));
		assert.ok(found);
		assert.ok(found.user ?? found.grant);
		assert.ok(found.expiresAt > Date.now());
	});

	define('a token that was changed in any part is refused', async under => {
		const token = await tokenOf(under);
		const parts = token.split('.');
		for (const index of parts.keys()) {
			const changed = parts.map((part, at) => (at === index ? flip(part) : part)).join('.');
			assert.equal(await verify(under, changed), undefined, `part ${index}`);
		}
		assert.equal(await verify(under, parts.slice(0, -1).join('.')), undefined);
		assert.equal(await verify(under, `${parts.slice(0, -1).join('.')}.`), undefined);
	});

	define('what is no token is refused and no error', async under => {
		const unsigned = [{alg: 'none'}, {sub: 'x', exp: 9_999_999_999}]
			.map(part => Buffer.from(JSON.stringify(part)).toString('base64url'))
			.join('.');
		for (const token of ['', '.', '..', 'x', 'a.b.c', '\0', 'é', `${unsigned}.`, 'eyJ'.repeat(50_000)]) {
			assert.equal(await verify(under, token), undefined, JSON.stringify(token.slice(0, 20)));
		}
	});

	define('after it was closed it rejects', async under => {
		const token = await tokenOf(under);
		await under.authenticator.close();
		await assert.rejects(verify(under, token));
	});
}

/** Another character in the middle: the last ones of base64url may mean nothing. */
function flip(part: string): string {
	const middle = Math.floor(part.length / 2);
	return part.slice(0, middle) + (part[middle] === 'A' ? 'B' : 'A') + part.slice(middle + 1);
}
