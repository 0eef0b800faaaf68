import {type ChildProcess, execFile, spawn} from 'node:child_process';
import {randomUUID} from 'node:crypto';
import {once} from 'node:events';
import {mkdir, mkdtemp} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {promisify} from 'node:util';
import {type Connection, createConnection} from 'mysql2/promise';
import {findProgram} from '../processes/find-program.ts';
import {freePort} from '../processes/free-port.ts';
import {ServerProcess} from '../processes/server-process.ts';

/** How a client reaches the server. */
export interface MariadbAddress {
	readonly host: string;
	readonly port: number;
	readonly user: string;
	readonly password: string;
}

export interface MariadbDatabase {
	readonly name: string;
	readonly drop: () => Promise<void>;
}

export interface Mariadb extends MariadbAddress {
	readonly pid: number;
	/** A new, empty one with the server's own, case-blind collation. */
	createDatabase(): Promise<MariadbDatabase>;
	/** Ends the server and removes its folder. */
	readonly stop: () => Promise<void>;
}

/**
 * Starts Debian's MariaDB on a free port of 127.0.0.1, in a folder of its own under the system's temporary one. It ends
 * with this process, however this process ends. Speed comes before durability: it is not one to cut the power of.
 */
export async function startMariadb(): Promise<Mariadb> {
	const installer = await findProgram('mariadb-install-db', 'mariadb-server');
	const program = await findProgram('mariadbd', 'mariadb-server');
	const folder = await mkdtemp(join(tmpdir(), 'stowage-mariadb-'));
	const guard = startGuard(folder);
	try {
		const asRoot = process.getuid?.() === 0 ? ['--user=root'] : [];
		// A server that starts deletes the temporary tables of any other in the same folder.
		const environment = {...process.env, TMPDIR: join(folder, 'tmp')};
		await mkdir(environment.TMPDIR);
		const options = {program, asRoot, folder, data: join(folder, 'data'), environment, guard};
		await install(installer, options);
		return await start(options);
	} catch (error) {
		guard.stdin?.end();
		throw error;
	}
}

/** A database on a server that somebody else started. */
export async function createMariadbDatabase(address: MariadbAddress): Promise<MariadbDatabase> {
	const name = `test_${randomUUID().replaceAll('-', '')}`;
	const execute = async (sql: string) => {
		const connection = await connect(address);
		await connection.query(sql);
		await connection.end();
	};
	await execute(`create database ${name}`);
	return {name, drop: () => execute(`drop database if exists ${name}`)};
}

interface StartOptions {
	readonly program: string;
	readonly asRoot: readonly string[];
	readonly folder: string;
	readonly data: string;
	readonly environment: NodeJS.ProcessEnv;
	readonly guard: ChildProcess;
}

async function install(installer: string, {asRoot, data, environment}: StartOptions): Promise<void> {
	const parameters = [
		'--no-defaults',
		...asRoot,
		`--datadir=${data}`,
		'--auth-root-authentication-method=normal',
		'--skip-test-db',
		'--skip-name-resolve',
	];
	await promisify(execFile)(installer, parameters, {env: environment});
}

async function start({program, asRoot, folder, data, environment, guard}: StartOptions): Promise<Mariadb> {
	const address = {host: '127.0.0.1', port: await freePort(), user: 'root', password: ''};
	const server = await ServerProcess.start({
		program,
		environment,
		parameters: [
			'--no-defaults',
			...asRoot,
			`--datadir=${data}`,
			`--socket=${join(folder, 'mariadb.sock')}`,
			`--pid-file=${join(folder, 'mariadb.pid')}`,
			`--bind-address=${address.host}`,
			`--port=${address.port}`,
			'--skip-log-bin',
			'--skip-name-resolve',
			'--performance-schema=OFF',
			'--innodb-buffer-pool-size=64M',
			'--innodb-log-file-size=32M',
			'--innodb-flush-log-at-trx-commit=0',
			'--max-connections=500',
			// A process that has asked may have no time to go on with it for long, on a busy machine.
			'--connect-timeout=120',
			'--max-allowed-packet=64M',
		],
		log: join(folder, 'mariadb.log'),
		ready: () => answers(address),
	});
	guard.stdin?.write(String(server.pid));
	const ended = once(guard, 'exit');
	return {
		...address,
		pid: server.pid,
		createDatabase: () => createMariadbDatabase(address),
		stop: async () => {
			guard.stdin?.end();
			await ended;
		},
	};
}

/**
 * As soon as the pipe from this process is closed, by `stop` or by the end of this process, the guard ends the server by
 * its process id, which it was told through the pipe, and removes the folder. One that was not told yet finds it in the
 * server's own file. It is in a group of its own, so that Ctrl+C does not end it first.
 */
function startGuard(folder: string): ChildProcess {
	const script = `
		pid=$(cat)
		[ -n "$pid" ] || { sleep 2; pid=$(cat "$1/mariadb.pid" 2>/dev/null); }
		if [ -n "$pid" ]; then
			kill -9 "$pid"
			# Not for ever: where nobody collects orphans that have ended, their process ids stay.
			n=0; while kill -0 "$pid" && [ $n -lt 100 ]; do sleep 0.02; n=$((n + 1)); done
		fi
		rm -rf "$1"`;
	return spawn('sh', ['-c', script, 'sh', folder], {stdio: ['pipe', 'ignore', 'ignore'], detached: true});
}

async function answers(address: MariadbAddress): Promise<boolean> {
	try {
		const connection = await connect(address);
		await connection.end();
		return true;
	} catch {
		return false;
	}
}

function connect({host, port, user, password}: MariadbAddress): Promise<Connection> {
	return createConnection({host, port, user, password, connectTimeout: 60_000});
}
