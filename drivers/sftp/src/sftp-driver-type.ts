import type {StorageDriverType} from '@stowage/core';
import {connect} from './connect.ts';
import {openRoot} from './open-root.ts';
import {type LoginOptions, type SftpOptions, sftpOptions} from './options.ts';
import {SessionPool} from './session-pool.ts';
import {Session} from './session.ts';
import {SftpDriver} from './sftp-driver.ts';

/** Keeps each object as a file below one folder of an SFTP server. */
export const sftpDriver: StorageDriverType<SftpOptions> = {
	type: 'sftp',
	options: {...sftpOptions},
	async create(options, {name, signal}) {
		const {host, username, root, connections, durable} = options;
		const [fileMode, folderMode] = [options.fileMode, options.folderMode].map(mode => Number.parseInt(mode, 8));
		const open = async (end: AbortSignal) => new Session(await connect(options, end), options.timeoutSeconds * 1_000);
		const pool = new SessionPool(open, connections);
		try {
			checkLogin(options, 'the storage');
			if (options.jump !== undefined) {
				checkLogin(options.jump, '"jump"');
			}
			const folder = await pool.run(session => openRoot(session, root, folderMode!), {signal});
			return new SftpDriver(pool, folder, {durable, mode: fileMode!});
		} catch (cause) {
			await pool.close();
			signal?.throwIfAborted();
			const words = cause instanceof Error ? cause.message : String(cause);
			throw new Error(`storage "${name}": cannot use the folder ${root} of ${username}@${host}: ${words}`, {cause});
		}
	},
};

function checkLogin({password, privateKey, privateKeyFile, agent}: LoginOptions, of: string): void {
	if (password === undefined && privateKey === undefined && privateKeyFile === undefined && agent === undefined) {
		throw new TypeError(`${of} has no "password", "privateKey", "privateKeyFile" or "agent" to log in with`);
	}
	if (privateKey !== undefined && privateKeyFile !== undefined) {
		throw new TypeError(`${of} has both "privateKey" and "privateKeyFile": which one?`);
	}
}
