import {mkdir, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {answersHttp} from '../processes/answers-http.ts';
import {freePort} from '../processes/free-port.ts';
import {pinned} from '../processes/pinned.ts';
import {ServerProcess} from '../processes/server-process.ts';

export interface DockerRegistry {
	/** `http://127.0.0.1:<port>`. */
	readonly url: string;
	readonly process: ServerProcess;
}

/** Starts Debian's `docker-registry`, open to everybody, with all its state in `folder`. `cpu` pins it to one processor. */
export async function startDockerRegistry({folder, cpu}: {folder: string; cpu?: number}): Promise<DockerRegistry> {
	const port = await freePort();
	const address = `127.0.0.1:${port}`;
	const configuration = {
		version: 0.1,
		log: {level: 'error', accesslog: {disabled: true}},
		storage: {filesystem: {rootdirectory: join(folder, 'registry')}, delete: {enabled: true}},
		http: {addr: address},
	};
	await mkdir(folder, {recursive: true});
	const file = join(folder, 'docker-registry.yml');
	await writeFile(file, JSON.stringify(configuration));
	const process = await ServerProcess.start({
		...pinned(cpu, 'docker-registry', ['serve', file]),
		log: join(folder, 'docker-registry.log'),
		ready: () => answersHttp(`http://${address}/v2/`, [200]),
	});
	return {url: `http://${address}`, process};
}
