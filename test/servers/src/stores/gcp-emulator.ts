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
 * Starts gcp-storage-emulator, a package of PyPI, on a port of 127.0.0.1. It tells how far an upload has come, keeps storage
 * classes and answers `testPermissions`, as the service does; it is slow, and its lists have one page.
 */
export async function startGcpEmulator({port}: {readonly port?: number} = {}): Promise<StoreServer> {
	const program = await pythonFile('bin/gcp-storage-emulator');
	const folder = await mkdtemp(join(tmpdir(), 'stowage-gcp-emulator-'));
	const listened = port ?? (await freePort());
	const url = `http://127.0.0.1:${listened}`;
	try {
		const server = await ServerProcess.start({
			program,
			parameters: ['start', '--host', '127.0.0.1', '--port', String(listened), '--in-memory', '--quiet'],
			folder,
			log: join(folder, 'gcp-emulator.log'),
			ready: () => answersHttp(`${url}/storage/v1/b?project=test`, [200]),
		});
		return {url, pid: server.pid, stop: guardProcess(server.pid, folder)};
	} catch (error) {
		await rm(folder, {recursive: true, force: true});
		throw error;
	}
}
