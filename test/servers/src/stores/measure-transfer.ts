import {execFile} from 'node:child_process';
import {join} from 'node:path';
import {promisify} from 'node:util';
import {registryNode} from '../processes/registry-node.ts';

export interface TransferStorage {
	/** Package of a plugin that has one storage driver. */
	readonly plugin: string;
	/** What the driver is opened with. */
	readonly options: object;
}

export interface TransferRequest extends TransferStorage {
	/** Storages that it is made of, by name. */
	readonly parts?: Readonly<Record<string, TransferStorage>>;
	/** Size of the object. */
	readonly mebibytes: number;
	/** The most that one append gets; all unless told. */
	readonly appendMebibytes?: number;
}

export interface Transfer {
	/** Most memory that the process had, all of it counted, in bytes. */
	readonly peakMemory: number;
	/** MiB a second. */
	readonly up: number;
	readonly down: number;
}

/** Sends an object of random bytes through a driver and back, in a process of its own. Rejects when other bytes come back. */
export async function measureTransfer(request: TransferRequest): Promise<Transfer> {
	const script = join(import.meta.dirname, 'transfer-process.ts');
	const {stdout} = await promisify(execFile)(
		process.execPath,
		[...registryNode.parameters, '--conditions=@stowage/source', script, JSON.stringify(request)],
		{env: {...process.env, ...registryNode.environment}},
	);
	return JSON.parse(stdout) as Transfer;
}
