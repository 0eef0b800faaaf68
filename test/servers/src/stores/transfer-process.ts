import {createHash, randomBytes} from 'node:crypto';
import {readFileSync} from 'node:fs';
import {Readable} from 'node:stream';
import type {Plugin, StorageDriver} from '@stowage/core';
import type {Transfer, TransferRequest, TransferStorage} from './measure-transfer.ts';

const mebibyte = 1024 * 1024;
const silent = {debug() {}, info() {}, warn() {}, error() {}, child: () => silent};

/** Gives a fresh buffer for every piece, as a socket does. */
function* pieces(mebibytes: number, take: (piece: Buffer) => void): Iterable<Buffer> {
	const block = randomBytes(mebibyte);
	for (let index = 0; index < 16 * mebibytes; index += 1) {
		const piece = Buffer.from(block.subarray((index % 16) * 65_536, ((index % 16) + 1) * 65_536));
		take(piece);
		yield piece;
	}
}

type Size = Pick<TransferRequest, 'mebibytes' | 'appendMebibytes'>;

async function store(
	driver: StorageDriver,
	key: string,
	{mebibytes, appendMebibytes = mebibytes}: Size,
	take: (piece: Buffer) => void,
): Promise<void> {
	let state = await driver.createUpload(key);
	for (let left = mebibytes; left > 0; left -= appendMebibytes) {
		const body = pieces(Math.min(left, appendMebibytes), take);
		state = await driver.appendUpload(state, Readable.from(body, {objectMode: false}));
	}
	await driver.sealUpload(state);
}

async function transfer(driver: StorageDriver, size: Size): Promise<Transfer> {
	const key = `transfers/${randomBytes(8).toString('hex')}`;
	const [sent, received] = [createHash('sha256'), createHash('sha256')];
	const started = performance.now();
	await store(driver, key, size, piece => sent.update(piece));
	const stored = performance.now();
	for await (const chunk of await driver.read(key)) {
		received.update(chunk as Buffer);
	}
	const read = performance.now();
	await driver.delete(key);
	if (sent.digest('hex') !== received.digest('hex')) {
		throw new Error('other bytes came back than were sent');
	}
	const speed = (milliseconds: number) => (size.mebibytes / milliseconds) * 1000;
	return {
		peakMemory: peakMemory(),
		up: speed(stored - started),
		down: speed(read - stored),
	};
}

/** What Node counts begins with the memory of the process that started this one. */
function peakMemory(): number {
	const [, kibibytes] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8')) ?? [];
	return Number(kibibytes) * 1024;
}

async function open(
	{plugin, options}: TransferStorage,
	name: string,
	storages?: ReadonlyMap<string, StorageDriver>,
): Promise<StorageDriver> {
	const {default: loaded} = (await import(plugin)) as {default: Plugin};
	const type = loaded.storageDrivers?.[0];
	if (type === undefined) {
		throw new Error(`${plugin} has no storage driver`);
	}
	return type.create(options, {name, logger: silent, storages});
}

const {mebibytes, appendMebibytes, parts = {}, ...storage} = JSON.parse(process.argv[2] ?? '') as TransferRequest;
const storages = new Map<string, StorageDriver>();
for (const [name, part] of Object.entries(parts)) {
	storages.set(name, await open(part, name));
}
const driver = await open(storage, 'measured', storages);
try {
	console.log(JSON.stringify(await transfer(driver, {mebibytes, appendMebibytes})));
} finally {
	await driver.close();
	await Promise.all([...storages.values()].map(part => part.close()));
}
