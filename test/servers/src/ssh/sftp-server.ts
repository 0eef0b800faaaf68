import {type ChildProcess, execFile, spawn} from 'node:child_process';
import {once} from 'node:events';
import {access, mkdir, mkdtemp, rm, writeFile} from 'node:fs/promises';
import {tmpdir, userInfo} from 'node:os';
import {join} from 'node:path';
import {setTimeout as sleep} from 'node:timers/promises';
import {promisify} from 'node:util';
import {findProgram} from '../processes/find-program.ts';
import {freePort} from '../processes/free-port.ts';
import {ProcessFailure} from '../processes/process-failure.ts';
import {ServerProcess} from '../processes/server-process.ts';
import {descendantsOf, isRunning, openFilesOf} from './process-table.ts';
import {configurationOf, makeKeys, onSmallDisk, passphrase} from './sshd-setup.ts';

const run = promisify(execFile);

export interface SftpServerOptions {
	/** What sshd starts for SFTP: its own server unless told. Runs as the user who started the tests. */
	readonly subsystem?: string;
	/** Size of a disk of its own for {@link SftpServer.folder}, as tmpfs takes it; one for each connection, empty at first. */
	readonly diskSize?: string;
}

/**
 * Debian's OpenSSH on a free port of 127.0.0.1 with keys of its own, in a folder of its own below the system's temporary
 * one. Whoever runs the tests logs in, as root or as anybody else whose account is not locked. It ends with this process,
 * however this process ends.
 */
export class SftpServer {
	readonly host = '127.0.0.1';
	readonly port: number;
	readonly username = userInfo().username;
	/** As `ssh-keygen -l` prints it. */
	readonly hostFingerprint: string;
	/** Text of the key that may log in. */
	readonly privateKey: string;
	/** The same key, encrypted with {@link passphrase}. */
	readonly encryptedKey: string;
	readonly passphrase = passphrase;
	/** File with the key. */
	readonly privateKeyFile: string;
	/** Text of the key by which the server is known. */
	readonly hostKey: string;
	/** An empty folder for what is stored. */
	readonly folder: string;
	readonly #home: string;
	readonly #guard: ChildProcess;
	/** Processes that were stopped; they outlive what started them. */
	readonly #paused: number[] = [];
	#process: ServerProcess | undefined;

	private constructor(parts: {
		readonly home: string;
		readonly port: number;
		readonly hostFingerprint: string;
		readonly keys: readonly [plain: string, encrypted: string, host: string];
	}) {
		this.port = parts.port;
		this.hostFingerprint = parts.hostFingerprint;
		[this.privateKey, this.encryptedKey, this.hostKey] = parts.keys;
		this.privateKeyFile = join(parts.home, 'user');
		this.folder = join(parts.home, 'files');
		this.#home = parts.home;
		this.#guard = startGuard(parts.home);
	}

	static async start(options: SftpServerOptions = {}): Promise<SftpServer> {
		for (let attempt = 1; ; attempt += 1) {
			try {
				return await SftpServer.#startOnce(options);
			} catch (error) {
				// Somebody else took the port that was free.
				if (attempt === 5 || !(error instanceof ProcessFailure && /Address already in use/.test(error.message))) {
					throw error;
				}
			}
		}
	}

	static async #startOnce({subsystem = 'internal-sftp', diskSize}: SftpServerOptions): Promise<SftpServer> {
		const home = await mkdtemp(join(tmpdir(), 'stowage-sshd-'));
		await mkdir(join(home, 'files'));
		const port = await freePort();
		const keys = await makeKeys(home);
		const server = new SftpServer({home, port, ...keys});
		try {
			const started = diskSize === undefined ? subsystem : await onSmallDisk(home, diskSize);
			await writeFile(join(home, 'sshd.conf'), configurationOf(home, port, started));
			await server.start();
			return server;
		} catch (error) {
			await server.close();
			throw error;
		}
	}

	/** Starts it again on the same port after `stop`. */
	async start(): Promise<void> {
		if (process.getuid?.() === 0) {
			// Where sshd confines what has not logged in yet; a start of the system makes it where sshd is a service.
			await mkdir('/run/sshd', {recursive: true, mode: 0o755});
		}
		const program = await findProgram('sshd', 'openssh-server');
		const parameters = ['-D', '-e', '-f', join(this.#home, 'sshd.conf')];
		const gentle = [...parameters, '-o', 'PerSourcePenalties=no'];
		// From OpenSSH 9.8 on, failed logins are punished with silence for whoever comes from the same address.
		const knows = await run(program, ['-t', ...gentle]).then(
			() => true,
			() => false,
		);
		// It is written once the port is taken, so it is better to wait for than any answer there, which may be another's.
		const pidFile = join(this.#home, 'sshd.pid');
		await rm(pidFile, {force: true});
		this.#process = await ServerProcess.start({
			program,
			parameters: knows ? gentle : parameters,
			log: join(this.#home, 'sshd.log'),
			ready: () =>
				access(pidFile).then(
					() => true,
					() => false,
				),
		});
	}

	/** Ends the server and cuts all connections. */
	async stop(): Promise<void> {
		const sessions = this.#process === undefined ? [] : await descendantsOf(this.#process.pid);
		await this.#process?.stop();
		killAll([...sessions, ...this.#paused.splice(0)]);
	}

	/** Cuts all connections as `kill -9` of the processes that serve them does. New ones are accepted. */
	async killSessions(): Promise<void> {
		killAll(this.#process === undefined ? [] : await descendantsOf(this.#process.pid));
	}

	/** Stops what serves the requests of the connections: these stay, take what is sent, and answer nothing. */
	async pauseSessions(): Promise<void> {
		const pids = this.#process === undefined ? [] : await descendantsOf(this.#process.pid);
		const last = await Promise.all(pids.map(async pid => ((await descendantsOf(pid, 1)).length > 0 ? [] : [pid])));
		this.#paused.push(...last.flat());
		killAll(this.#paused, 'SIGSTOP');
	}

	/** Lets it go on. Resolves once it has done what it was sent and has ended, which it does when its connection has gone. */
	async resumeSessions(): Promise<void> {
		killAll(this.#paused, 'SIGCONT');
		for (const pid of this.#paused.splice(0)) {
			await untilEnded(pid);
		}
	}

	/** Lets the server leave whoever connects without a word, or go on. Connections stay as they are. */
	async pauseListening(paused: boolean): Promise<void> {
		killAll(this.#process === undefined ? [] : [this.#process.pid], paused ? 'SIGSTOP' : 'SIGCONT');
	}

	/** Connections that are being served. */
	async connections(): Promise<number> {
		const children = this.#process === undefined ? [] : await descendantsOf(this.#process.pid, 1);
		return children.length;
	}

	/** Files below {@link folder} that the server has open. */
	async openFiles(): Promise<string[]> {
		const pids = this.#process === undefined ? [] : await descendantsOf(this.#process.pid);
		const open = await Promise.all(pids.map(openFilesOf));
		return open.flat().filter(path => path.startsWith(`${this.folder}/`));
	}

	/** Resolves once no connection is being served; rejects when there still are some after ten seconds. */
	async untilUnused(): Promise<void> {
		for (const deadline = Date.now() + 10_000; (await this.connections()) > 0;) {
			if (Date.now() > deadline) {
				throw new Error(`${await this.connections()} connections are still there`);
			}
			await sleep(20);
		}
	}

	/** Lets nobody log in any more, and cuts all connections. */
	async lockOut(): Promise<void> {
		await writeFile(join(this.#home, 'user.pub'), '');
		await this.killSessions();
	}

	/** Options with which the driver reaches this server. */
	storageOptions() {
		return {
			host: this.host,
			port: this.port,
			username: this.username,
			privateKey: this.privateKey,
			hostFingerprints: [this.hostFingerprint],
			root: join(this.folder, 'root'),
			connections: 4,
			connectTimeoutSeconds: 20,
			timeoutSeconds: 20,
			keepaliveSeconds: 15,
			durable: false,
			fileMode: '0640',
			folderMode: '0750',
		};
	}

	/** Ends the server and removes its folder. */
	async close(): Promise<void> {
		const ended = once(this.#guard, 'exit');
		await this.stop();
		this.#guard.stdin?.end();
		await ended;
	}
}

/** Ends the server, if it was started, and removes its folder as soon as the pipe from this process is closed. */
function startGuard(home: string): ChildProcess {
	const script = 'cat; pid=$(cat "$1/sshd.pid" 2>/dev/null) && kill -9 "$pid" 2>/dev/null; rm -rf "$1"';
	return spawn('sh', ['-c', script, 'sh', home], {stdio: ['pipe', 'ignore', 'ignore'], detached: true});
}

async function untilEnded(pid: number): Promise<void> {
	for (const deadline = Date.now() + 10_000; await isRunning(pid);) {
		if (Date.now() > deadline) {
			throw new Error(`process ${pid} has not ended`);
		}
		await sleep(20);
	}
}

function killAll(pids: readonly number[], signal: NodeJS.Signals = 'SIGKILL'): void {
	for (const pid of pids) {
		try {
			process.kill(pid, signal);
		} catch {
			// It has ended by itself meanwhile.
		}
	}
}
