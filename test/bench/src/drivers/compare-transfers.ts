import {randomBytes} from 'node:crypto';
import {Readable} from 'node:stream';
import type {StorageDriver, UploadState} from '@stowage/core';

const mebibyte = 1024 * 1024;

/** A way to bring an object to a store and back. */
export interface Transport {
	readonly name: string;
	readonly up: (key: string, body: Readable) => Promise<void>;
	/** Makes what came up readable. Not counted: emulators copy bytes where their services only note something. */
	readonly publish?: (key: string) => Promise<void>;
	readonly down: (key: string) => Promise<Readable>;
}

/** MiB a second, of each round. */
interface Speeds {
	readonly up: number[];
	readonly down: number[];
}

export function driverTransport(name: string, driver: StorageDriver): Transport {
	const states = new Map<string, UploadState>();
	return {
		name,
		up: async (key, body) => {
			states.set(key, await driver.appendUpload(await driver.createUpload(key), body));
		},
		publish: key => driver.sealUpload(states.get(key)!),
		down: key => driver.read(key),
	};
}

/**
 * Sends an object of so many MiB by each transport in turn, in so many rounds after one that does not count, and prints
 * how they stand to the last transport.
 */
export async function compareTransfers(
	transports: readonly Transport[],
	{mebibytes, rounds}: {readonly mebibytes: number; readonly rounds: number},
): Promise<void> {
	const speeds = new Map(transports.map(({name}) => [name, noSpeeds()]));
	for (let round = -1; round < rounds; round += 1) {
		for (const transport of transports) {
			const {up, down} = await measure(transport, mebibytes);
			if (round >= 0) {
				speeds.get(transport.name)?.up.push(up);
				speeds.get(transport.name)?.down.push(down);
			}
		}
	}
	const theirs = speeds.get(transports.at(-1)!.name)!;
	for (const [name, {up, down}] of speeds) {
		console.log(`${name}: up ${told(up, theirs.up)}, down ${told(down, theirs.down)}`);
	}
}

function noSpeeds(): Speeds {
	return {up: [], down: []};
}

/** Median and best, and both as shares of the peer's: the best tells most on a machine that does other things as well. */
function told(ours: readonly number[], theirs: readonly number[]): string {
	const [middle, best] = [median(ours), Math.max(...ours)];
	const shares = `${(middle / median(theirs)).toFixed(2)} and ${(best / Math.max(...theirs)).toFixed(2)}`;
	return `${middle.toFixed(0)} MiB/s, at best ${best.toFixed(0)} (${shares})`;
}

async function measure({up, publish, down}: Transport, mebibytes: number): Promise<{up: number; down: number}> {
	const key = `bench/${randomBytes(8).toString('hex')}`;
	const started = performance.now();
	await up(key, Readable.from(pieces(mebibytes), {objectMode: false}));
	const stored = performance.now();
	await publish?.(key);
	const published = performance.now();
	let received = 0;
	for await (const chunk of await down(key)) {
		received += (chunk as Buffer).length;
	}
	if (received !== mebibytes * mebibyte) {
		throw new Error(`${received} bytes came back of ${mebibytes} MiB`);
	}
	const read = performance.now();
	return {up: (mebibytes / (stored - started)) * 1000, down: (mebibytes / (read - published)) * 1000};
}

/** Gives a fresh buffer for every piece, as a socket does. */
function* pieces(mebibytes: number): Iterable<Buffer> {
	const block = randomBytes(65_536);
	for (let index = 0; index < 16 * mebibytes; index += 1) {
		yield Buffer.from(block);
	}
}

function median(values: readonly number[]): number {
	return values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)]!;
}
