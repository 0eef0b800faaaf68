import {type ChildProcess, execFile, spawn} from 'node:child_process';
import {once} from 'node:events';
import {mkdir, mkdtemp, readFile, writeFile} from 'node:fs/promises';
import {connect} from 'node:net';
import {tmpdir, userInfo} from 'node:os';
import {join} from 'node:path';
import {promisify} from 'node:util';
import {findProgram} from '../processes/find-program.ts';
import {freePort} from '../processes/free-port.ts';
import {ServerProcess} from '../processes/server-process.ts';
import {descendantsOf} from './descendants.ts';

const run = promisify(execFile);
const debianPackage = 'openssh-server';

export interface SftpServerOptions {
	/** What sshd starts for SFTP: its own server unless told. Runs as the user who started the tests. */
	readonly subsystem?: string;
	/** Lines added to the configuration of sshd. */
	readonly configuration?: readonly string[];
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
	readonly passphrase = 'a phrase to pass';
	/** File with the key. */
	readonly privateKeyFile: string;
	/** An empty folder for what is stored. */
	readonly folder: string;
	readonly #home: string;
	readonly #guard: ChildProcess;
	#process: ServerProcess | undefined;

	private constructor(parts: {
		readonly home: string;
		readonly port: number;
		readonly hostFingerprint: string;
		readonly keys: readonly [plain: string, encrypted: string];
	}) {
		this.port = parts.port;
		this.hostFingerprint = parts.hostFingerprint;
		[this.privateKey, this.encryptedKey] = parts.keys;
		this.privateKeyFile = join(parts.home, 'user');
		this.folder = join(parts.home, 'files');
		this.#home = parts.home;
		this.#guard = startGuard(parts.home);
	}

	static async start({subsystem = 'internal-sftp', configuration = []}: SftpServerOptions = {}): Promise<SftpServer> {
		const home = await mkdtemp(join(tmpdir(), 'stowage-sshd-'));
		await mkdir(join(home, 'files'));
		const port = await freePort();
		const keys = await makeKeys(home);
		const server = new SftpServer({home, port, ...keys});
		try {
			await writeFile(
				join(home, 'sshd.conf'),
				configurationOf(home, port, [`Subsystem sftp ${subsystem}`, ...configuration]),
			);
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
		const program = await findProgram('sshd', debianPackage);
		const parameters = ['-D', '-e', '-f', join(this.#home, 'sshd.conf')];
		const gentle = [...parameters, '-o', 'PerSourcePenalties=no'];
		// From OpenSSH 9.8 on, failed logins are punished with silence for whoever comes from the same address.
		const knows = await run(program, ['-t', ...gentle]).then(
			() => true,
			() => false,
		);
		this.#process = await ServerProcess.start({
			program,
			parameters: knows ? gentle : parameters,
			log: join(this.#home, 'sshd.log'),
			ready: () => isListening(this.host, this.port),
		});
	}

	/** Ends the server and cuts all connections. */
	async stop(): Promise<void> {
		const sessions = this.#process === undefined ? [] : await descendantsOf(this.#process.pid);
		await this.#process?.stop();
		killAll(sessions);
	}

	/** Cuts all connections as `kill -9` of the processes that serve them does. New ones are accepted. */
	async killSessions(): Promise<void> {
		killAll(this.#process === undefined ? [] : await descendantsOf(this.#process.pid));
	}

	/** Lets those processes stand still, or go on: connections stay and nothing is answered. */
	async pauseSessions(paused: boolean): Promise<void> {
		killAll(this.#process === undefined ? [] : await descendantsOf(this.#process.pid), paused ? 'SIGSTOP' : 'SIGCONT');
	}

	/** Connections that are being served. */
	async connections(): Promise<number> {
		const children = this.#process === undefined ? [] : await descendantsOf(this.#process.pid, 1);
		return children.length;
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

async function makeKeys(home: string) {
	const keygen = await findProgram('ssh-keygen', 'openssh-client');
	const make = (name: string, passphrase: string) =>
		run(keygen, ['-q', '-t', 'ed25519', '-N', passphrase, '-C', 'stowage', '-f', join(home, name)]);
	await Promise.all([make('host', ''), make('user', '')]);
	const read = (name: string) => readFile(join(home, name), 'utf8');
	const plain = await read('user');
	await writeFile(join(home, 'encrypted'), plain, {mode: 0o600});
	await run(keygen, ['-q', '-p', '-P', '', '-N', 'a phrase to pass', '-f', join(home, 'encrypted')]);
	const {stdout} = await run(keygen, ['-l', '-f', join(home, 'host.pub')]);
	return {
		keys: [plain, await read('encrypted')] as const,
		hostFingerprint: stdout.split(' ')[1]!,
	};
}

function configurationOf(home: string, port: number, lines: readonly string[]): string {
	return [
		`Port ${port}`,
		'ListenAddress 127.0.0.1',
		`HostKey ${join(home, 'host')}`,
		`AuthorizedKeysFile ${join(home, 'user.pub')}`,
		`PidFile ${join(home, 'sshd.pid')}`,
		'StrictModes no',
		'UsePAM no',
		'UseDNS no',
		'PasswordAuthentication no',
		'KbdInteractiveAuthentication no',
		'PermitRootLogin yes',
		'PrintMotd no',
		'PrintLastLog no',
		'MaxStartups 500',
		'LoginGraceTime 30',
		...lines,
		'',
	].join('\n');
}

/** Ends the server, if it was started, and removes its folder as soon as the pipe from this process is closed. */
function startGuard(home: string): ChildProcess {
	const script = 'cat; pid=$(cat "$1/sshd.pid" 2>/dev/null) && kill -9 "$pid" 2>/dev/null; rm -rf "$1"';
	return spawn('sh', ['-c', script, 'sh', home], {stdio: ['pipe', 'ignore', 'ignore'], detached: true});
}

async function isListening(host: string, port: number): Promise<boolean> {
	const socket = connect(port, host);
	try {
		await once(socket, 'connect');
		return true;
	} catch {
		return false;
	} finally {
		socket.destroy();
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
