import {readdir} from 'node:fs/promises';
import {join} from 'node:path';
import {measureTransfer} from '@stowage/test-servers';
import {SftpServer} from '@stowage/test-servers/sftp';
import {silentLogger, storageDriverSuite} from '@stowage/testing';
import test from 'ava';
import type {SftpOptions} from './options.ts';
import {sftpDriver} from './sftp-driver-type.ts';

const context = {name: 'remote', logger: silentLogger};
const servers: SftpServer[] = [];
/** Options of a server of somebody's own, as JSON. */
const {SFTP_TEST_OPTIONS: given} = process.env;

test.before(async () => {
	servers.push(await SftpServer.start());
});

test.after.always(() => Promise.all(servers.map(server => server.close())));

storageDriverSuite({
	test: test.serial,
	open: () => sftpDriver.create(options(), context),
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
	const driver = await sftpDriver.create(options(), context);
	for await (const {key} of driver.list('suite/')) {
		t.fail(key);
	}
	await driver.close();
	t.pass();
	if (given === undefined) {
		const {root} = options();
		t.deepEqual(await readdir(root), ['suite']);
		t.deepEqual(await readdir(join(root, 'suite')), []);
	}
});

test.serial('256 MiB go through a process of less than 250 MiB', async t => {
	const transfer = await measureTransfer({plugin: '@stowage/sftp', options: options(), mebibytes: 256});
	t.true(transfer.peakMemory < 250 * 1024 * 1024, `${transfer.peakMemory} bytes`);
});

function options(): SftpOptions {
	const own = servers[0]!.storageOptions();
	return given === undefined ? own : {...own, privateKey: undefined, ...(JSON.parse(given) as SftpOptions)};
}
