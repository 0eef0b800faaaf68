import test from 'ava';
import {hashPassword, isOutdatedHash, isPasswordHash, verifyPassword} from './password-hash.ts';

test('a password is right for its own hash only', async t => {
	const hash = await hashPassword('correct horse');
	t.true(await verifyPassword('correct horse', hash));
	for (const other of ['correct hors', 'correct horse ', 'Correct horse', '']) {
		t.false(await verifyPassword(other, hash), other);
	}
});

test('a hash is a PHC string of argon2id with the recommended cost', async t => {
	t.regex(await hashPassword('x'), /^\$argon2id\$v=19\$m=32768,t=2,p=1\$[\w+/]{22}\$[\w+/]{43}$/);
});

test('two hashes of one password differ', async t => {
	t.not(await hashPassword('same'), await hashPassword('same'));
});

test('a hash made elsewhere is verified and found outdated when its cost is another', async t => {
	// Reference vector of the argon2 command: echo -n password | argon2 somesalt -id -t 2 -m 16 -p 1 -l 32
	const hash = '$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc';
	t.true(await verifyPassword('password', hash));
	t.false(await verifyPassword('Password', hash));
	t.true(isOutdatedHash(hash));
	t.false(isOutdatedHash(await hashPassword('password')));
});

test('a password is the same however its characters are composed', async t => {
	t.true(await verifyPassword('cafe\u0301', await hashPassword('caf\u00e9')));
});

const unreadable = [
	'',
	'secret',
	'$2b$10$abcdefghijklmnopqrstuv',
	'$argon2i$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc',
	'$argon2id$v=16$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc',
	'$argon2id$v=19$m=99999999,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc',
	'$argon2id$v=19$m=65536,t=2,p=1$$',
];

for (const text of unreadable) {
	test(`"${text}" is not a hash that can be verified`, async t => {
		t.false(isPasswordHash(text));
		t.true(isOutdatedHash(text));
		await t.throwsAsync(verifyPassword('password', text));
	});
}
