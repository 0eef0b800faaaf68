import {mkdtemp, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {answersHttp} from '../processes/answers-http.ts';
import {freePort} from '../processes/free-port.ts';
import {guardProcess} from '../processes/guard-process.ts';
import {pythonFile} from '../processes/python-environment.ts';
import {ServerProcess} from '../processes/server-process.ts';
import type {StoreServer} from './store-server.ts';

/**
 * Starts the server of moto, a package of PyPI, on a port of 127.0.0.1. It knows nearly all of S3 and keeps what it is told
 * of storage classes and encryption, in memory and temporary files; it takes any key for good.
 */
export async function startMoto({port}: {readonly port?: number} = {}): Promise<StoreServer> {
	const program = await pythonFile('bin/moto_server');
	const folder = await mkdtemp(join(tmpdir(), 'stowage-moto-'));
	const listened = port ?? (await freePort());
	const url = `http://127.0.0.1:${listened}`;
	try {
		const server = await ServerProcess.start({
			program,
			parameters: ['-H', '127.0.0.1', '-p', String(listened)],
			environment: {...process.env, TMPDIR: folder},
			folder,
			log: join(folder, 'moto.log'),
			ready: () => answersHttp(`${url}/moto-api/`, [200]),
		});
		return {url, pid: server.pid, stop: guardProcess(server.pid, folder)};
	} catch (error) {
		await rm(folder, {recursive: true, force: true});
		throw error;
	}
}
