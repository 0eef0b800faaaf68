import {openMetadata} from '@stowage/core/metadata';
import test, {type ExecutionContext} from 'ava';
import {changePassword} from './change-password.ts';
import {verifyPassword} from './password-hash.ts';

async function makeMetadata(t: ExecutionContext) {
	const metadata = await openMetadata({client: 'sqlite', file: ':memory:'});
	t.teardown(() => metadata.close());
	await metadata.users.insert({name: 'ann', admin: true, disabled: false, passwordHash: 'old'});
	return metadata;
}

test('changing a password leaves the rest of the user as it was', async t => {
	const metadata = await makeMetadata(t);
	const changed = await changePassword(metadata, 'ann', 'better horse');
	t.like(changed, {name: 'ann', admin: true, disabled: false, version: 2});
	t.deepEqual(changed?.passwordHash, (await metadata.users.find('ann'))?.passwordHash);
	t.true(await verifyPassword('better horse', changed?.passwordHash ?? ''));
});

test('nobody has no password to change', async t => {
	t.is(await changePassword(await makeMetadata(t), 'nobody', 'better horse'), undefined);
});

for (const password of ['', '1234567', 'x'.repeat(1025)]) {
	test(`a password of ${password.length} characters is refused`, async t => {
		const metadata = await makeMetadata(t);
		await t.throwsAsync(changePassword(metadata, 'ann', password), {code: 'PASSWORD_REFUSED'});
		t.is((await metadata.users.find('ann'))?.passwordHash, 'old');
	});
}

test('changes made at once all come through, the last one stays', async t => {
	const metadata = await makeMetadata(t);
	const passwords = ['first horse', 'second horse', 'third horse'];
	await Promise.all(passwords.map(password => changePassword(metadata, 'ann', password)));
	const user = await metadata.users.find('ann');
	t.is(user?.version, 4);
	const matches = await Promise.all(passwords.map(password => verifyPassword(password, user?.passwordHash ?? '')));
	t.is(matches.filter(Boolean).length, 1);
});
