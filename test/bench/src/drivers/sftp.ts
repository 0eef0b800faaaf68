import {execFile} from 'node:child_process';
import {randomBytes} from 'node:crypto';
import {open, rm} from 'node:fs/promises';
import {join} from 'node:path';
import {Readable} from 'node:stream';
import plugin from '@stowage/sftp';
import type {StorageDriver} from '@stowage/core';
import {SftpServer} from '@stowage/test-servers/sftp';
import {silentLogger} from '@stowage/testing';

/** Seconds that an object took each way. */
interface Times {
	readonly up: number;
	readonly down: number;
}

const [mebibytes = 256, rounds = 5] = process.argv.slice(2).map(Number);
const server = await SftpServer.start();
try {
	const driver = await plugin.storageDrivers![0]!.create(server.storageOptions(), {
		name: 'bench',
		logger: silentLogger,
	});
	const source = await makeFile(join(server.folder, 'source'));
	const [ours, theirs]: [Times[], Times[]] = [[], []];
	for (let round = -1; round < rounds; round += 1) {
		const times = [await byDriver(driver), await byTool(source)] as const;
		if (round >= 0) {
			ours.push(times[0]);
			theirs.push(times[1]);
		}
	}
	report('up', ours, theirs);
	report('down', ours, theirs);
	await driver.close();
} finally {
	await server.close();
}

async function byDriver(driver: StorageDriver): Promise<Times> {
	const started = performance.now();
	const state = await driver.appendUpload(
		await driver.createUpload('object'),
		Readable.from(pieces(), {objectMode: false}),
	);
	await driver.sealUpload(state);
	const stored = performance.now();
	let received = 0;
	for await (const chunk of await driver.read('object')) {
		received += (chunk as Buffer).length;
	}
	const read = performance.now();
	if (received !== mebibytes * 1024 * 1024) {
		throw new Error(`${received} bytes came back of ${mebibytes} MiB`);
	}
	await driver.delete('object');
	return {up: (stored - started) / 1000, down: (read - stored) / 1000};
}

/** OpenSSH's own client. The driver is connected already, so what it takes to connect is not counted. */
async function byTool(source: string): Promise<Times> {
	const [stored, back] = [`${source}-stored`, `${source}-back`];
	const connecting = await runTool('pwd');
	const up = await runTool(`put ${source} ${stored}`);
	const down = await runTool(`get ${stored} ${back}`);
	await Promise.all([rm(stored), rm(back)]);
	return {up: up - connecting, down: down - connecting};
}

async function runTool(command: string): Promise<number> {
	const parameters = ['-q', '-b', '-', '-P', String(server.port), '-i', server.privateKeyFile];
	const options = ['StrictHostKeyChecking=no', 'UserKnownHostsFile=/dev/null', 'LogLevel=ERROR', 'IdentitiesOnly=yes'];
	const words = [...parameters, ...options.flatMap(option => ['-o', option]), `${server.username}@${server.host}`];
	const started = performance.now();
	await new Promise<void>((resolve, reject) => {
		const child = execFile('sftp', words, error => (error === null ? resolve() : reject(error)));
		child.stdin?.end(`${command}\n`);
	});
	return (performance.now() - started) / 1000;
}

async function makeFile(path: string): Promise<string> {
	await using file = await open(path, 'w');
	for (const piece of pieces()) {
		await file.write(piece);
	}
	return path;
}

/** Gives a fresh buffer for every piece, as a socket does. */
function* pieces(): Iterable<Buffer> {
	const block = randomBytes(65_536);
	for (let index = 0; index < 16 * mebibytes; index += 1) {
		yield Buffer.from(block);
	}
}

function report(way: keyof Times, ours: readonly Times[], theirs: readonly Times[]): void {
	const [our, their] = [ours, theirs].map(times => mebibytes / median(times.map(each => each[way])));
	const ratio = median(ours.map((times, round) => theirs[round]![way] / times[way]));
	console.log(
		`${way}: driver ${our!.toFixed(0)} MiB/s, sftp ${their!.toFixed(0)} MiB/s; median ratio ${ratio.toFixed(2)}`,
	);
}

function median(values: readonly number[]): number {
	return values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)]!;
}
