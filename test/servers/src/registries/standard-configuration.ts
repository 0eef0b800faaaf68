import {join} from 'node:path';
import {freePort} from '../processes/free-port.ts';
import {answersHttp} from '../processes/answers-http.ts';
import {registryProgram} from '../processes/registry-program.ts';
import {ServerProcess} from '../processes/server-process.ts';
import {type Stowage, startStowage} from './stowage.ts';

const root = join(import.meta.dirname, '../../../..');
const file = join(root, 'examples/standard-configuration/stowage.yaml');

export interface StandardConfiguration {
	/** Stands for Docker Hub: a registry whose images are at the root of this address. Everybody may read. */
	readonly upstream: Stowage & {readonly hub: string};
	/** The example, as an operator starts it. */
	readonly registry: Stowage;
	/** Starts the example anew in the folder that it had. */
	restart(): Promise<Stowage>;
	stop(): Promise<void>;
}

/** Host names that the registry knows. */
export const standardHosts = {dev: 'docker-dev.example', prod: 'docker-prod.example'} as const;

/** Starts the registry with the configuration of `examples/standard-configuration` in front of a Docker Hub of its own. */
export async function startStandardConfiguration(folder: string): Promise<StandardConfiguration> {
	const hubPort = await freePort();
	const bindings = [{port: hubPort, repositories: {v2: 'docker-local'}}];
	const bootstrap = {repositories: {'docker-local': {type: 'local'}}};
	const upstream = await startStowage({
		folder: join(folder, 'upstream'),
		configuration: {bindings, bootstrap, anonymousRead: true},
	});
	const hub = `http://127.0.0.1:${hubPort}`;
	const start = () => startExample(join(folder, 'registry'), hub);
	let registry = await start().catch(async (error: unknown) => {
		await upstream.process.stop();
		throw error;
	});
	return {
		upstream: {...upstream, hub},
		get registry() {
			return registry;
		},
		async restart() {
			await registry.process.stop();
			registry = await start();
			return registry;
		},
		async stop() {
			await registry.process.stop();
			await upstream.process.stop();
		},
	};
}

async function startExample(folder: string, hub: string): Promise<Stowage> {
	const port = await freePort();
	const listen = `127.0.0.1:${port}`;
	const password = 'stowage-test-password';
	const process = await ServerProcess.start({
		program: registryProgram.program,
		parameters: [...registryProgram.parameters, 'serve', '--config', file].concat(
			['--data', folder],
			['--listen', listen],
		),
		environment: {
			...globalThis.process.env,
			...registryProgram.environment,
			STOWAGE_ADMIN_PASSWORD: password,
			DOCKER_HUB_URL: hub,
			DOCKER_HUB_IS_NEAR: 'true',
		},
		log: `${folder}.log`,
		ready: () => answersHttp(`http://${listen}/v2/`, [200, 401]),
	});
	return {url: `http://${listen}`, port, password, process};
}
