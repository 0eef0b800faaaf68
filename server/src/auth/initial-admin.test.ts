import {mkdir, mkdtemp, readFile, readdir, rm, stat, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {openMetadata} from '@stowage/core/metadata';
import test, {type ExecutionContext} from 'ava';
import {UserAccounts} from './accounts/user-accounts.ts';
import {changePassword} from './change-password.ts';
import {prepareInitialAdmin} from './initial-admin.ts';
import {isInitialPassword} from './initial-password.ts';
import {verifyPassword} from './password-hash.ts';

async function makeWorld(t: ExecutionContext) {
	const metadata = await openMetadata({client: 'sqlite', file: ':memory:'});
	const folder = await mkdtemp(path.join(tmpdir(), 'stowage-'));
	t.teardown(async () => {
		await metadata.close();
		await rm(folder, {recursive: true});
	});
	const data = path.join(folder, 'data');
	const file = path.join(data, 'admin-password');
	/** Whether this is the administrator's password. */
	const isPassword = async (password: string) =>
		verifyPassword(password, (await metadata.users.find('admin'))?.passwordHash ?? '');
	return {
		metadata,
		data,
		file,
		isPassword,
		start: (password?: string) => prepareInitialAdmin({metadata, data, password}),
	};
}

test('the first start makes an administrator with a long random password, and keeps it for its owner only', async t => {
	const {metadata, data, file, isPassword, start} = await makeWorld(t);
	const {name, password = '', file: kept} = await start();
	t.is(name, 'admin');
	t.is(kept, file);
	t.regex(password, /^[0-9a-z]{26}$/);
	t.is(await readFile(file, 'utf8'), `${password}\n`);
	t.is((await stat(file)).mode & 0o777, 0o600);
	t.deepEqual(await readdir(data), ['admin-password']);
	t.like(await metadata.users.find('admin'), {admin: true, disabled: false});
	t.true(await isPassword(password));
	t.true(await isInitialPassword(metadata));
});

test('two installations have two passwords', async t => {
	const [here, there] = [await makeWorld(t), await makeWorld(t)];
	t.not((await here.start()).password, (await there.start()).password);
});

test('a later start tells where the password is, and not the password', async t => {
	const {file, start} = await makeWorld(t);
	await start();
	t.deepEqual(await start(), {name: 'admin', file});
	t.deepEqual(await start('from the environment'), {name: 'admin', file});
});

for (const [what, change] of [
	['changed', async (users: UserAccounts) => users.change('admin', {password: 'another password'})],
	[
		'that of nobody any more',
		async (users: UserAccounts) => {
			await users.add('root', {admin: true, password: 'another password'});
			await users.delete('admin');
		},
	],
] as const) {
	test(`the file with the password goes when that is ${what}, and not before`, async t => {
		const {metadata, data, file, start} = await makeWorld(t);
		await start();
		const users = new UserAccounts(metadata, data);
		await users.change('admin', {email: 'admin@example.com'});
		t.true((await stat(file)).isFile());
		await change(users);
		await t.throwsAsync(stat(file), {code: 'ENOENT'});
	});
}

test('a password from the environment is taken and never written to disk', async t => {
	const {metadata, data, isPassword, start} = await makeWorld(t);
	t.deepEqual(await start('from the environment'), {name: 'admin'});
	t.true(await isPassword('from the environment'));
	t.true(await isInitialPassword(metadata));
	t.deepEqual(await readdir(data), []);
});

test('a password from the environment that is too short makes no administrator', async t => {
	const {metadata, start} = await makeWorld(t);
	await t.throwsAsync(start('short'), {code: 'PASSWORD_REFUSED'});
	t.is(await metadata.users.find('admin'), undefined);
});

test('an empty password in the environment is none', async t => {
	const {start} = await makeWorld(t);
	t.regex((await start('')).password ?? '', /^[0-9a-z]{26}$/);
});

test('once the password is changed it is not the initial one, and the next start removes the file', async t => {
	const {metadata, data, start} = await makeWorld(t);
	await start();
	await changePassword(metadata, 'admin', 'better horse');
	t.false(await isInitialPassword(metadata));
	t.deepEqual(await start(), {name: 'admin'});
	t.deepEqual(await readdir(data), []);
});

test('many nodes that start at once on one database and one folder agree on one password', async t => {
	const {metadata, data, isPassword} = await makeWorld(t);
	const started = await Promise.all(Array.from({length: 8}, () => prepareInitialAdmin({metadata, data})));
	const told = started.flatMap(({password}) => password ?? []);
	t.is(told.length, 1);
	t.true(await isPassword(told[0] ?? ''));
	t.true(started.every(({file}) => file === path.join(data, 'admin-password')));
});

test('of many nodes with folders of their own only the first keeps a password', async t => {
	const {metadata, data, isPassword} = await makeWorld(t);
	const folders = Array.from({length: 4}, (_, index) => path.join(data, String(index)));
	const started = await Promise.all(folders.map(folder => prepareInitialAdmin({metadata, data: folder})));
	const told = started.flatMap(({password}) => password ?? []);
	t.is(told.length, 1);
	t.true(await isPassword(told[0] ?? ''));
	const kept = await Promise.all(folders.map(folder => readdir(folder)));
	t.deepEqual(kept.flat(), ['admin-password']);
});

test('a start that died before it made the administrator locks nobody out', async t => {
	const {data, file, isPassword, start} = await makeWorld(t);
	await mkdir(data);
	await writeFile(file, `${'a'.repeat(26)}\n`, {mode: 0o600});
	t.deepEqual(await start(), {name: 'admin', password: 'a'.repeat(26), file});
	t.true(await isPassword('a'.repeat(26)));
});

test('a start that died while it wrote the file is made good', async t => {
	const {data, file, isPassword, start} = await makeWorld(t);
	await mkdir(data);
	await writeFile(file, 'aaa', {mode: 0o600});
	const {password = ''} = await start();
	t.is(password.length, 26);
	t.true(await isPassword(password));
	t.is((await readFile(file, 'utf8')).trim(), password);
});

test('an administrator who was given another name is not made again', async t => {
	const {metadata, start} = await makeWorld(t);
	await start();
	const admin = await metadata.users.find('admin');
	t.truthy(admin);
	await metadata.users.update({...(admin as NonNullable<typeof admin>), name: 'root'});
	t.deepEqual(await start(), {name: 'admin'});
	t.is(await metadata.users.find('admin'), undefined);
	t.false(await isInitialPassword(metadata));
});
