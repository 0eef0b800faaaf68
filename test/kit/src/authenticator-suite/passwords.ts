import assert from 'node:assert/strict';
import type {ExternalUser} from '@stowage/core';
import type {AuthenticatorUnderTest, DefineCase} from './suite-case.ts';

/** What is typed to be taken for something else: by LDAP's filters and names, by SQL, by whoever cuts texts at a zero byte. */
const crooked = [
	'*',
	'*)(uid=*',
	'x)(|(uid=*',
	')',
	'(',
	'\\',
	'\\2a',
	'\\00',
	'\0',
	"' OR '1'='1",
	'x,dc=example',
	'#x',
	' x ',
	'é',
	'x'.repeat(256),
	'x'.repeat(100_000),
	'',
] as const;

async function verify({authenticator}: AuthenticatorUnderTest, name: string, password: string) {
	assert.ok('verifyPassword' in authenticator, 'these cases are for an authenticator that checks passwords');
	return authenticator.verifyPassword?.(name, password);
}

function passwordOf({person}: AuthenticatorUnderTest): string {
	assert.ok(person.password !== undefined, 'the suite needs the password of `person`');
	return person.password;
}

async function find({authenticator}: AuthenticatorUnderTest, user: ExternalUser): Promise<ExternalUser | undefined> {
	assert.ok('findUser' in authenticator, 'these cases are for an authenticator with findUser');
	return authenticator.findUser?.(user);
}

/** Names and passwords. */
export function passwords(define: DefineCase): void {
	define('who has the password is told with his groups, and is the same the next time', async under => {
		const found = await verify(under, under.person.name, passwordOf(under));
		assert.equal(found?.name, under.person.name);
		assert.notEqual(found?.externalId, '');
		assert.deepEqual([...(found?.groups ?? [])].toSorted(), [...under.person.groups].toSorted());
		assert.deepEqual(await verify(under, under.person.name, passwordOf(under)), found);
	});

	define('two people are not the same', async under => {
		const {other} = under;
		const [one, two] = [
			await verify(under, under.person.name, passwordOf(under)),
			await verify(under, other.name, other.password ?? ''),
		];
		assert.notEqual(one?.externalId, two?.externalId);
		assert.equal(two?.name, other.name);
	});

	define('another spelling of a name gives the one name that he has', async under => {
		const {person} = under;
		const found = await verify(under, person.otherSpelling ?? person.name, passwordOf(under));
		assert.equal(found?.name, person.name);
	});

	define('a wrong password, that of somebody else and none at all are refused', async under => {
		const {person, other} = under;
		for (const password of [
			'',
			' ',
			'wrong',
			other.password ?? 'x',
			`${passwordOf(under)} `,
			'\0',
			'x'.repeat(100_000),
		]) {
			assert.equal(await verify(under, person.name, password), undefined, JSON.stringify(password.slice(0, 20)));
		}
	});

	define('a name that nobody has is refused, whatever it is made of', async under => {
		const {person} = under;
		for (const name of [
			...crooked,
			`${person.name})(uid=*`,
			`${person.name}*`,
			`${person.name}\0`,
			`${person.name},dc=x`,
		]) {
			for (const password of [passwordOf(under), '']) {
				assert.equal(await verify(under, name, password), undefined, JSON.stringify(name.slice(0, 20)));
			}
		}
	});

	define('many sign in at once', async under => {
		const {person, other} = under;
		const found = await Promise.all(
			Array.from({length: 60}, (_, index): Promise<ExternalUser | undefined> => {
				const {name, password = ''} = index % 2 === 0 ? person : other;
				return verify(under, name, index % 3 === 0 ? 'wrong' : password);
			}),
		);
		for (const [index, user] of found.entries()) {
			const expected = index % 3 === 0 ? undefined : (index % 2 === 0 ? person : other).name;
			assert.equal(user?.name, expected);
		}
	});

	define(
		'nobody is refused because the other side is not there: it rejects, and works when that is back',
		async under => {
			const {person} = under;
			await verify(under, person.name, passwordOf(under));
			await under.interrupt();
			await assert.rejects(verify(under, person.name, passwordOf(under)));
			await assert.rejects(verify(under, person.name, 'wrong'));
			await under.restore();
			assert.equal((await verify(under, person.name, passwordOf(under)))?.name, person.name);
			assert.equal(await verify(under, person.name, 'wrong'), undefined);
		},
	);

	define('a signal ends a question', async under => {
		const {authenticator, person} = under;
		const signal = AbortSignal.abort(new Error('left'));
		await assert.rejects(async () => authenticator.verifyPassword?.(person.name, passwordOf(under), {signal}), /left/);
		assert.equal((await verify(under, person.name, passwordOf(under)))?.name, person.name);
	});

	define('after it was closed it rejects', async under => {
		await under.authenticator.close();
		await assert.rejects(verify(under, under.person.name, passwordOf(under)));
	});
}

/** Who was found before, asked about without his password. */
export function rechecks(define: DefineCase): void {
	define('who signed in is found as he is, without his password', async under => {
		const user = await verify(under, under.person.name, passwordOf(under));
		assert.deepEqual(user && (await find(under, user)), user);
	});

	define('a group that he left is seen at once', async under => {
		const user = await verify(under, under.person.name, passwordOf(under));
		assert.ok(user);
		const left = await under.leaveGroup?.();
		assert.ok(user.groups.includes(left ?? ''), 'leaveGroup must name a group of his');
		const now = await find(under, user);
		assert.deepEqual([now?.externalId, now?.groups.includes(left ?? '')], [user.externalId, false]);
	});

	define('who is gone is not found, and cannot sign in', async under => {
		const user = await verify(under, under.person.name, passwordOf(under));
		assert.ok(user);
		await under.remove?.();
		assert.equal(await find(under, user), undefined);
		assert.equal(await verify(under, under.person.name, passwordOf(under)), undefined);
	});

	define('that the other side is not there does not mean that he is gone', async under => {
		const user = await verify(under, under.person.name, passwordOf(under));
		assert.ok(user);
		await under.interrupt();
		await assert.rejects(find(under, user));
		await under.restore();
		assert.deepEqual(await find(under, user), user);
	});
}
