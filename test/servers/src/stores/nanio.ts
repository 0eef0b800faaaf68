import {mkdir, mkdtemp, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {answersTcp} from '../processes/answers-tcp.ts';
import {freePort} from '../processes/free-port.ts';
import {guardProcess} from '../processes/guard-process.ts';
import {pythonFile} from '../processes/python-environment.ts';
import {ServerProcess} from '../processes/server-process.ts';
import type {StoreServer} from './store-server.ts';

/** The one key that the emulator takes. */
export const nanioKey = {accessKeyId: 'AKIDOFTHETESTS', secretAccessKey: 'the-secret-of-the-tests'} as const;

/**
 * Starts nanio, an S3 server on files from PyPI, on a port of 127.0.0.1. It checks signatures, also those of addresses; it
 * copies no parts and minds no conditions.
 */
export async function startNanio({port}: {readonly port?: number} = {}): Promise<StoreServer> {
	const program = await pythonFile('bin/nanio');
	const folder = await mkdtemp(join(tmpdir(), 'stowage-nanio-'));
	const listened = port ?? (await freePort());
	try {
		await mkdir(join(folder, 'data'));
		const server = await ServerProcess.start({
			program,
			parameters: ['serve', '--data-dir', join(folder, 'data'), '--host', '127.0.0.1', '--port', String(listened)],
			environment: {
				...process.env,
				NANIO_ACCESS_KEY: nanioKey.accessKeyId,
				NANIO_SECRET_KEY: nanioKey.secretAccessKey,
			},
			folder,
			log: join(folder, 'nanio.log'),
			ready: () => answersTcp(listened),
		});
		return {url: `http://127.0.0.1:${listened}`, pid: server.pid, stop: guardProcess(server.pid, folder)};
	} catch (error) {
		await rm(folder, {recursive: true, force: true});
		throw error;
	}
}
