import {mkdir} from 'node:fs/promises';
import {join} from 'node:path';
import {ServerProcess} from '@stowage/test-servers';
import type {CommandOptions} from '../command.ts';
import type {Workbench} from '../workbench.ts';

/** A Docker daemon of our own, with the `docker` and the containerd's `ctr` that speak to it. */
export class DockerDaemon {
	readonly #bench: Workbench;
	readonly #process: ServerProcess;
	readonly #folder: string;

	private constructor(bench: Workbench, process: ServerProcess, folder: string) {
		this.#bench = bench;
		this.#process = process;
		this.#folder = folder;
	}

	/** `further` are parameters of the daemon. */
	static async start(bench: Workbench, further: readonly string[] = []): Promise<DockerDaemon> {
		const folder = join(bench.folder, 'docker');
		await mkdir(folder);
		const socket = `unix://${folder}/docker.sock`;
		const [program, ...parameters] = bench.isolated([
			'dockerd',
			'--data-root',
			join(folder, 'data'),
			'--exec-root',
			join(folder, 'exec'),
			'--pidfile',
			join(folder, 'pid'),
			'--host',
			socket,
			'--insecure-registry',
			'127.0.0.0/8',
			'--cgroup-parent',
			`/${bench.cgroup}`,
			// Nothing here needs a network of its own, and not every sandbox lets one be made.
			'--iptables=false',
			'--ip6tables=false',
			'--bridge=none',
			...further,
		]);
		const process = await ServerProcess.start({
			program: program!,
			parameters,
			environment: bench.environment,
			log: join(folder, 'log'),
			readyWithinMs: 60_000,
			ready: () =>
				bench.run(['docker', '--host', socket, 'version']).then(
					() => true,
					() => false,
				),
		});
		return new DockerDaemon(bench, process, folder);
	}

	docker(parameters: readonly string[], options?: CommandOptions): Promise<string> {
		return this.#bench.run(['docker', '--host', `unix://${this.#folder}/docker.sock`, ...parameters], options);
	}

	/** containerd's own client, on the containerd that the daemon brought up. */
	ctr(parameters: readonly string[]): Promise<string> {
		return this.#bench.run(['ctr', '--address', join(this.#folder, 'exec/containerd/containerd.sock'), ...parameters]);
	}

	stop(): Promise<void> {
		return this.#process.stop(60_000);
	}
}
