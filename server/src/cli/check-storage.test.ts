import {once} from 'node:events';
import {readdir, stat} from 'node:fs/promises';
import {createServer} from 'node:http';
import type {AddressInfo} from 'node:net';
import {join} from 'node:path';
import {setTimeout as sleep} from 'node:timers/promises';
import {Storage, createMemoryBackend, createMemoryDriver} from '@stowage/core';
import test from 'ava';
import {makeStowageFolder} from './fixtures/stowage-process.ts';
import {measureStorage} from './measure-storage.ts';

const mebibyte = 1024 * 1024;

test.serial('every step is measured, and as a rate where bytes are transferred', async t => {
	const {run} = await makeStowageFolder(t);
	const command = run(['storage', 'check', 'default', '--size', '4']);
	t.is(await command.exit, 0, command.printed.stderr);
	for (const step of ['write', 'move', 'read']) {
		t.regex(command.printed.stdout, new RegExp(`\\n${step} 4 MiB +[\\d.]+ +[\\d.]+ +\\d+\\n`));
	}
	for (const step of ['create 1 KiB', 'list 1 KiB', 'stat 4 MiB', 'delete 4 MiB']) {
		t.regex(command.printed.stdout, new RegExp(`\\n${step} +[\\d.]+ +[\\d.]+ *\\n`));
	}
	t.false(command.printed.stdout.includes('address'), 'there are none for a folder');
});

test.serial('a check that is ended leaves nothing, and one that is killed only what a sweep finds', async t => {
	const {folder, run} = await makeStowageFolder(t);
	const files = async () => {
		const entries = await readdir(join(folder, 'data/storage'), {recursive: true, withFileTypes: true}).catch(() => []);
		return entries.filter(entry => entry.isFile()).map(({parentPath, name}) => join(parentPath, name));
	};
	const begun = async () => {
		const command = run(['storage', 'check', 'default', '--size', '100000']);
		while (!(await largeFile(await files()))) {
			await sleep(20);
		}
		return command;
	};
	const ended = await begun();
	ended.kill('SIGINT');
	t.is(await ended.exit, 1);
	t.is(ended.printed.stderr, 'stowage: ended before it was done\n');
	t.deepEqual(await files(), []);
	const killed = await begun();
	killed.kill('SIGKILL');
	await killed.exit;
	const left = await files();
	t.is(left.length, 1);
	t.true(left[0]!.startsWith(join(folder, 'data/storage/uploads/')));
});

/** Whether one of them is that of an object that is being written, and not one of the many small ones. */
async function largeFile(paths: readonly string[]): Promise<boolean> {
	const sizes = await Promise.all(paths.map(async path => (await stat(path).catch(() => undefined))?.size ?? 0));
	return sizes.some(size => size > 1024 * 1024);
}

test('signed addresses are measured where there are any, and have to give the bytes', async t => {
	const backend = createMemoryBackend();
	const state = {status: 200, cut: 0};
	const server = createServer((request, response) => {
		const {bytes} = backend.objects.get(request.url!.slice(1))!;
		response.writeHead(state.status).end(bytes.subarray(state.cut));
	}).listen(0, '127.0.0.1');
	await once(server, 'listening');
	t.teardown(() => server.close());
	const {port} = server.address() as AddressInfo;
	const driver = createMemoryDriver(backend);
	driver.signedUrl = async key => new URL(`http://127.0.0.1:${port}/${key}`);
	const storage = new Storage('signing', driver);
	const measured = await measureStorage(storage, {bytes: 2 * mebibyte, rounds: 2});
	const rates = new Map(measured.map(([step, , , rate]) => [step, rate]));
	t.is(rates.get('sign 1 KiB'), '');
	t.is(rates.get('read by address 1 KiB'), '');
	t.regex(rates.get('read by address 2 MiB') ?? '', /^\d+$/);
	for (const trouble of [{status: 403}, {cut: 1}]) {
		Object.assign(state, {status: 200, cut: 0}, trouble);
		await t.throwsAsync(measureStorage(storage, {bytes: mebibyte}), {code: 'STORAGE_CHECK_FAILED'});
	}
	t.is(backend.objects.size + backend.uploads.size, 0);
});
