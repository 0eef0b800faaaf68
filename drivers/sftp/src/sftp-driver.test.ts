import {readdir} from 'node:fs/promises';
import {join} from 'node:path';
import {SftpServer} from '@stowage/test-servers/sftp';
import {silentLogger, storageDriverSuite} from '@stowage/testing';
import test from 'ava';
import {sftpDriver} from './sftp-driver-type.ts';

const context = {name: 'remote', logger: silentLogger};
const servers: SftpServer[] = [];

test.before(async () => {
	servers.push(await SftpServer.start());
});

test.after.always(() => Promise.all(servers.map(server => server.close())));

storageDriverSuite({
	test: test.serial,
	open: () => sftpDriver.create(servers[0]!.storageOptions(), context),
	listedObjects: 300,
	// Garbage of the library counts here: it copies each byte four times, and memory outside of the heap is freed after a look.
	memoryGrowth: 64 * 1024 * 1024,
	async openDenied() {
		const server = await SftpServer.start();
		servers.push(server);
		const driver = await sftpDriver.create(server.storageOptions(), context);
		await server.lockOut();
		return driver;
	},
});

test.serial('the suite leaves no file behind', async t => {
	const {root} = servers[0]!.storageOptions();
	t.deepEqual(await readdir(root), ['suite']);
	t.deepEqual(await readdir(join(root, 'suite')), []);
});
