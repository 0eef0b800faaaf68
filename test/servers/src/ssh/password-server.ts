import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {access, constants} from 'node:fs/promises';
import type {AddressInfo} from 'node:net';
import ssh2, {type AuthContext, type Connection, type Session} from 'ssh2';
import {ProcessFailure} from '../processes/process-failure.ts';

const sftpProgram = '/usr/lib/openssh/sftp-server';

export interface PasswordServerOptions {
	readonly hostKey: string;
	readonly username: string;
	readonly password: string;
	/** How it wants to be told the password. */
	readonly method: 'password' | 'keyboard-interactive';
}

/**
 * An SSH server in this process that takes one password, which OpenSSH's can only do for accounts of the system. What it
 * serves by SFTP is OpenSSH's work.
 */
export class PasswordServer {
	readonly host = '127.0.0.1';
	readonly port: number;
	readonly #server: ssh2.Server;
	readonly #connections: Set<Connection>;

	private constructor(server: ssh2.Server, connections: Set<Connection>) {
		this.#server = server;
		this.#connections = connections;
		this.port = (server.address() as AddressInfo).port;
	}

	static async start(options: PasswordServerOptions): Promise<PasswordServer> {
		await access(sftpProgram, constants.X_OK).catch(() => {
			throw new ProcessFailure(sftpProgram, 'is not installed: Debian has it in the package openssh-sftp-server', '');
		});
		const connections = new Set<Connection>();
		const server = new ssh2.Server({hostKeys: [options.hostKey]}, connection => {
			connections.add(connection);
			// A client that leaves without a word is none of our trouble.
			connection.on('error', () => undefined);
			connection.once('close', () => connections.delete(connection));
			connection.on('authentication', attempt => judge(attempt, options));
			connection.on('session', accept => serve(accept()));
		});
		server.listen(0, '127.0.0.1');
		await once(server, 'listening');
		return new PasswordServer(server, connections);
	}

	async close(): Promise<void> {
		const closed = once(this.#server, 'close');
		this.#server.close();
		this.#connections.forEach(connection => connection.end());
		await closed;
	}
}

function judge(attempt: AuthContext, {username, password, method}: PasswordServerOptions): void {
	const judged = (given: string | undefined) =>
		attempt.username === username && given === password ? attempt.accept() : attempt.reject([method]);
	if (attempt.method !== method) {
		attempt.reject([method]);
	} else if (attempt.method === 'keyboard-interactive') {
		attempt.prompt([{prompt: 'Password: ', echo: false}], answers => judged(answers[0]));
	} else {
		judged(attempt.method === 'password' ? attempt.password : undefined);
	}
}

function serve(session: Session): void {
	session.on('subsystem', (accept, refuse, {name}) => {
		if (name !== 'sftp') {
			refuse();
			return;
		}
		const channel = accept();
		const child = spawn(sftpProgram, {stdio: ['pipe', 'pipe', 'ignore']});
		channel.pipe(child.stdin);
		child.stdout.pipe(channel);
		channel.once('close', () => child.kill());
	});
}
