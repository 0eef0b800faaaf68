import {randomBytes} from 'node:crypto';
import {mkdir, mkdtemp, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {removeCgroups} from './cgroups.ts';
import {type CommandOptions, runCommand} from './command.ts';

/**
 * Mounts the folder's own files over what container tools write to or read from on a machine, in a mount name space
 * that ends with the program: nothing of it is seen by, or left to, the machine.
 */
const isolation = `
set -e
bench=$1
shift
mount --bind "$bench/hosts" /etc/hosts
for place in run dev/shm var/tmp var/lib/containers var/lib/cni etc/cni etc/containers/registries.conf.d; do
	test -d "/$place" || continue
	mkdir -p "$bench/machine/$place"
	mount --bind "$bench/machine/$place" "/$place"
done
exec "$@"
`;

/** A folder with the state of every client program of a test, and the machine as those programs see it. Programs run as root. */
export class Workbench {
	readonly folder: string;
	/** Name of the control group of everything that runs in containers. */
	readonly cgroup = `stowage-test-${randomBytes(4).toString('hex')}`;
	readonly environment: NodeJS.ProcessEnv;

	private constructor(folder: string) {
		this.folder = folder;
		this.environment = {
			PATH: `${process.env.PATH}:/usr/sbin:/sbin`,
			HOME: join(folder, 'home'),
			TMPDIR: join(folder, 'tmp'),
			XDG_RUNTIME_DIR: join(folder, 'xdg'),
			DOCKER_CONFIG: join(folder, 'docker-config'),
			DOCKER_BUILDKIT: '0',
			REGISTRY_AUTH_FILE: join(folder, 'auth.json'),
			CONTAINERS_CONF: join(folder, 'containers.conf'),
			CONTAINERS_STORAGE_CONF: join(folder, 'storage.conf'),
		};
	}

	/** `hosts` are names that mean 127.0.0.1 to every program on this bench. */
	static async open(hosts: readonly string[] = []): Promise<Workbench> {
		const folder = await mkdtemp(join(tmpdir(), 'clients-'));
		const bench = new Workbench(folder);
		for (const name of ['home', 'tmp', 'xdg', 'docker-config']) {
			await mkdir(join(folder, name), {mode: 0o700});
		}
		await writeFile(join(folder, 'hosts'), `127.0.0.1 ${['localhost', ...hosts].join(' ')}\n`);
		await writeFile(join(folder, 'auth.json'), '{}');
		await writeFile(join(folder, 'containers.conf'), containersConf(folder));
		await writeFile(join(folder, 'storage.conf'), storageConf(folder));
		return bench;
	}

	/** The command that runs on this bench. */
	isolated(command: readonly string[]): string[] {
		return ['unshare', '--mount', '--', 'sh', '-c', isolation, 'sh', this.folder, ...command];
	}

	/** Runs a program to its end and gives what it printed, without white space around. Rejects with `CommandError`. */
	async run(command: readonly string[], options: CommandOptions = {}): Promise<string> {
		return (await this.runRaw(command, options)).toString().trim();
	}

	/** As `run`, and gives every byte. */
	runRaw(command: readonly string[], options: CommandOptions = {}): Promise<Buffer> {
		const environment = {...this.environment, ...options.environment};
		return runCommand(this.isolated(command), {folder: this.folder, shown: command, ...options, environment});
	}

	/** Removes the folder. What was started must have ended. */
	async close(): Promise<void> {
		await removeCgroups(this.cgroup);
		await rm(this.folder, {recursive: true, force: true, maxRetries: 5});
	}
}

/** crun refuses machines with both versions of control groups; layers are copied, for which any file system serves. */
function containersConf(folder: string): string {
	return `
[engine]
cgroup_manager = "cgroupfs"
events_logger = "file"
runtime = "runc"
tmp_dir = "${folder}/podman"
[containers]
default_ulimits = ["nofile=1024:1024", "nproc=1024:1024"]
netns = "none"
cgroupns = "host"
`;
}

function storageConf(folder: string): string {
	return `
[storage]
driver = "vfs"
graphroot = "${folder}/storage"
runroot = "${folder}/storage-run"
`;
}
