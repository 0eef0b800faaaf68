import {mkdir, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {answersHttp} from '../processes/answers-http.ts';
import {freePort} from '../processes/free-port.ts';
import {pinned} from '../processes/pinned.ts';
import {registryProgram} from '../processes/registry-program.ts';
import {ServerProcess} from '../processes/server-process.ts';

export interface StowageOptions {
	/** Gets all of the registry's state, its configuration file and its log. A registry started again in it goes on with what is there. */
	readonly folder: string;
	/** What the configuration file says, beside folder and address. */
	readonly configuration?: object;
	/** A free one without it. */
	readonly port?: number;
	/** Pins the process to one processor. */
	readonly cpu?: number;
}

export interface Stowage {
	/** `http://127.0.0.1:<port>`. */
	readonly url: string;
	readonly port: number;
	/** Password of the user `admin`. */
	readonly password: string;
	readonly process: ServerProcess;
}

/** Starts the registry as a child process on a port of 127.0.0.1, the way its operator does. */
export async function startStowage({folder, configuration = {}, port, cpu}: StowageOptions): Promise<Stowage> {
	const listened = port ?? (await freePort());
	const address = `127.0.0.1:${listened}`;
	const password = 'stowage-test-password';
	await mkdir(folder, {recursive: true});
	const file = join(folder, 'stowage.yml');
	await writeFile(file, JSON.stringify(configuration, undefined, '\t'));
	const parameters = [
		...registryProgram.parameters,
		'serve',
		'--config',
		file,
		'--data',
		join(folder, 'data'),
		'--listen',
		address,
	];
	const started = await ServerProcess.start({
		...pinned(cpu, registryProgram.program, parameters),
		environment: {...process.env, ...registryProgram.environment, STOWAGE_ADMIN_PASSWORD: password},
		log: join(folder, 'stowage.log'),
		ready: () => answersHttp(`http://${address}/v2/`, [200, 401]),
	});
	return {url: `http://${address}`, port: listened, password, process: started};
}
