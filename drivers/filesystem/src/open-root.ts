import {randomUUID} from 'node:crypto';
import {mkdir, realpath, rm, writeFile} from 'node:fs/promises';
import {join, resolve} from 'node:path';
import {errorCode} from './errors.ts';
import type {FilesystemOptions} from './options.ts';
import {RootFolder} from './root-folder.ts';

/**
 * Makes the folder when it is missing and tries to write in it. Rejects with what an operator has to do when that fails.
 * `name` is the storage's.
 */
export async function openRoot(options: FilesystemOptions, name: string): Promise<RootFolder> {
	const folder = resolve(options.root);
	try {
		await mkdir(folder, {recursive: true, mode: Number.parseInt(options.folderMode, 8)});
		const path = await realpath(folder);
		const probe = join(path, `probe-${randomUUID()}~`);
		await writeFile(probe, '', {flag: 'wx'});
		await rm(probe);
		return await RootFolder.open(path, {
			durable: options.durable,
			folderMode: Number.parseInt(options.folderMode, 8),
		});
	} catch (cause) {
		throw new Error(`storage "${name}": cannot write in the folder ${folder}: ${advice(cause)}`, {cause});
	}
}

function advice(cause: unknown): string {
	const user = process.getuid === undefined ? 'the user of this process' : `user id ${process.getuid()}`;
	switch (errorCode(cause)) {
		case 'EACCES':
		case 'EPERM':
			return `give ${user} the right to write there, or name another folder in "root"`;
		case 'EROFS':
			return 'its file system is mounted read-only';
		case 'ENOTDIR':
		case 'EEXIST':
			return 'it is not a folder, or lies below a file; name another in "root"';
		case 'ENOSPC':
		case 'EDQUOT':
			return 'the disk or the quota is full';
		default:
			return cause instanceof Error ? cause.message : String(cause);
	}
}
