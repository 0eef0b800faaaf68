import {createHash, randomBytes} from 'node:crypto';
import {readdir, rm, symlink, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {setTimeout as sleep} from 'node:timers/promises';
import test, {type ExecutionContext} from 'ava';
import {makeStowageFolder} from './fixtures/stowage-process.ts';
import {progressLine} from './progress-bar.ts';

const password = 'long-enough-password';
const configuration = `
storages:
  near: {driver: filesystem, options: {root: near}}
  far: {driver: filesystem, options: {root: far}}
bootstrap:
  repositories:
    images: {type: local, storage: near}
`;

const tiered = `
plugins: ['@stowage/filesystem', '@stowage/tiered', '@stowage/local']
storages:
  slow: {driver: filesystem, options: {root: slow}}
  disk: {driver: filesystem, options: {root: disk}}
  near: {driver: tiered, options: {storage: slow, cache: disk, maxMebibytes: 1}}
  far: {driver: filesystem, options: {root: far}}
bootstrap:
  repositories:
    images: {type: local, storage: near}
`;

async function openWorld(t: ExecutionContext, settings = configuration) {
	const {folder, run} = await makeStowageFolder(t);
	await writeFile(join(folder, 'stowage.yaml'), settings);
	const server = run(['serve', '--config', 'stowage.yaml', '--listen', '127.0.0.1:0'], {
		STOWAGE_ADMIN_PASSWORD: password,
	});
	const url = await server.listening();
	const authorization = `Basic ${Buffer.from(`admin:${password}`).toString('base64')}`;
	const push = async (bytes: Buffer) => {
		const digest = `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
		const headers = {authorization, 'content-type': 'application/octet-stream'};
		const started = await fetch(`${url}/v2/images/app/blobs/uploads/`, {method: 'POST', headers});
		const location = new URL(started.headers.get('location') ?? '', url);
		location.searchParams.set('digest', digest);
		const ended = await fetch(location, {method: 'PUT', headers, body: new Uint8Array(bytes)});
		t.is(ended.status, 201);
		return {digest, bytes};
	};
	const pull = async (digest: string) => {
		const answer = await fetch(`${url}/v2/images/app/blobs/${digest}`, {headers: {authorization}});
		return {status: answer.status, bytes: Buffer.from(await answer.arrayBuffer())};
	};
	const command = (...words: string[]) => run(['storage', ...words, '--config', 'stowage.yaml']);
	const files = async (root: string) => {
		const entries = await readdir(join(folder, root), {recursive: true, withFileTypes: true}).catch(() => []);
		return entries.filter(entry => entry.isFile()).map(entry => join(entry.parentPath, entry.name));
	};
	return {push, pull, command, files};
}

test.serial(
	'blobs are moved while the registry serves; a move that is killed goes on, and nothing is lost',
	async t => {
		const {push, pull, command, files} = await openWorld(t);
		const blobs = [];
		for (let count = 0; count < 12; count += 1) {
			blobs.push(await push(randomBytes(400_000)));
		}
		const dry = command('move', 'near', 'far', '--dry-run');
		t.is(await dry.exit, 0);
		t.regex(dry.printed.stdout, /^12 blobs \(4800000 bytes\) would be moved from "near" to "far"; 0 of them/);
		t.is((await files('near')).length, 12);
		const killed = command('move', 'near', 'far', '--rate', '1', '--linger', '0');
		while ((await files('far')).filter(file => file.includes('/blobs/')).length < 3) {
			await sleep(20);
		}
		killed.kill('SIGKILL');
		await killed.exit;
		for (const {digest, bytes} of blobs) {
			t.true((await pull(digest)).bytes.equals(bytes));
		}
		blobs.push(await push(randomBytes(10)));
		const rest = command('move', 'near', 'far', '--linger', '0');
		t.is(await rest.exit, 0, rest.printed.stderr);
		t.regex(rest.printed.stdout, /still written to "near": images/);
		t.regex(rest.printed.stderr, /\[#+\] 100 %/);
		for (const {digest, bytes} of blobs) {
			t.true((await pull(digest)).bytes.equals(bytes));
		}
		const verified = command('verify', 'far');
		t.is(await verified.exit, 0, verified.printed.stderr);
		t.regex(
			verified.printed.stdout,
			/^13 blobs \(4800010 bytes\) of "far" read: 0 missing, 0 wrong, 0 unreadable; 0 objects unreferenced\n$/,
		);
	},
);

test.serial('what is missing and wrong is told, and ends with exit code 1', async t => {
	const {push, command, files} = await openWorld(t);
	const [wrong, missing] = [await push(randomBytes(1000)), await push(randomBytes(1000))];
	const unreadable = await push(randomBytes(1000));
	await push(randomBytes(1000));
	const find = async ({digest}: {digest: string}) =>
		(await files('near')).find(file => file.includes(digest.slice(7)))!;
	await writeFile(await find(wrong), 'other');
	await rm(await find(missing));
	const link = await find(unreadable);
	await rm(link);
	await symlink('elsewhere', link);
	const verify = command('verify', 'near');
	t.is(await verify.exit, 1);
	t.regex(verify.printed.stdout, new RegExp(`^missing {7}${missing.digest} at `, 'm'));
	t.regex(
		verify.printed.stdout,
		new RegExp(`^wrong {9}${wrong.digest} at .*should be ${wrong.digest} and is sha256:.*, 5 bytes`, 'm'),
	);
	t.regex(verify.printed.stdout, new RegExp(`^unreadable {4}${unreadable.digest} at .*: .*ELOOP`, 'm'));
	t.regex(verify.printed.stdout, /^4 blobs .* 1 missing, 1 wrong, 1 unreadable; 0 objects unreferenced/m);
	const move = command('move', 'near', 'far', '--linger', '0');
	t.is(await move.exit, 1);
	t.regex(move.printed.stdout, new RegExp(`^missing {7}${missing.digest} at `, 'm'));
	t.regex(move.printed.stderr, /3 blobs of "near" are missing, wrong or unreadable, and stay/);
	t.is((await files('far')).length, 1);
});

test.serial('what is found is told at once, also when the command is ended then', async t => {
	const {push, command, files} = await openWorld(t);
	const wrong = await push(randomBytes(1000));
	const [file = ''] = await files('near');
	await writeFile(file, 'other');
	// Of many pieces, each of which waits for its turn, so that it is far from its end when the other one is found.
	await push(randomBytes(8 * 1024 * 1024));
	const verify = command('verify', 'near', '--rate', '0.25');
	while (!verify.printed.stdout.includes(wrong.digest)) {
		await sleep(20);
	}
	verify.kill('SIGINT');
	t.is(await verify.exit, 1);
	t.regex(verify.printed.stdout, new RegExp(`^wrong {9}${wrong.digest} at `, 'm'));
	t.false(verify.printed.stdout.includes('unreferenced'));
});

test.serial(
	'a cache neither answers for what it is in front of, nor is filled and emptied by who reads all of it',
	async t => {
		const {push, command, files} = await openWorld(t, tiered);
		for (let count = 0; count < 3; count += 1) {
			await push(randomBytes(400_000));
		}
		const cached = (await files('disk')).toSorted();
		t.is(cached.length, 2);
		const [, hex = ''] = /\/([0-9a-f]{64})\//.exec(cached[0]!)!;
		await rm((await files('slow')).find(file => file.includes(hex))!);
		const verify = command('verify', 'near');
		t.is(await verify.exit, 1);
		t.regex(
			verify.printed.stdout,
			new RegExp(`^missing {7}sha256:${hex} .*\\n3 blobs .* 1 missing, 0 wrong, 0 unreadable;`),
		);
		t.deepEqual((await files('disk')).toSorted(), cached);
		t.is(await command('move', 'near', 'far', '--linger', '0').exit, 1);
		t.is((await files('far')).length, 2);
	},
);

test.serial('a storage is indexed anew', async t => {
	const {push, command} = await openWorld(t);
	await push(randomBytes(1000));
	const reindex = command('reindex', 'near', '--verify');
	t.is(await reindex.exit, 0);
	t.regex(reindex.printed.stdout, /^1 objects of "near" seen: 0 blobs were added/);
});

test.serial('a name that is none ends with exit code 78', async t => {
	const {command} = await openWorld(t);
	for (const words of [
		['move', 'near', 'fra'],
		['verify', 'fra'],
		['reindex', 'fra'],
	]) {
		const wrong = command(...words);
		t.is(await wrong.exit, 78);
		t.regex(wrong.printed.stderr, /there is no storage "fra", did you mean "far"/);
	}
	t.is(await command('move', 'near', 'near').exit, 78);
});

test('a progress line tells how far it is and how long it takes', t => {
	const mebibyte = 1024 * 1024;
	const line = progressLine({done: 3, bytes: 10 * mebibyte}, {done: 6, bytes: 20 * mebibyte}, {milliseconds: 2000});
	t.is(line, '[###############...............]  50 %  3 of 6 blobs, 10 of 20 MiB, 5 MiB/s, 2 s left');
	t.regex(progressLine({done: 0, bytes: 0}, {done: 0, bytes: 0}, {milliseconds: 0}), /^\[\.+\] {3}0 %/);
});
