import {createHash} from 'node:crypto';
import {readFile} from 'node:fs/promises';
import type {Client, ConnectConfig} from 'ssh2';
import {ConnectionError, RefusedError} from './errors.ts';
import type {LoginOptions} from './options.ts';

/** One attempt to log in to a host: what to tell the library, and what to make of its failure. */
export class Login {
	readonly #options: LoginOptions;
	#unknownKey: Buffer | undefined;
	#trouble: (Error & {level?: string}) | undefined;

	constructor(options: LoginOptions) {
		this.#options = options;
	}

	/** `client` is the one that will be connected. */
	async configFor(client: Client): Promise<ConnectConfig> {
		const {host, port, username, password, passphrase, agent} = this.#options;
		// The first tells most; later ones are of the end of the connection.
		client.on('error', error => (this.#trouble ??= error));
		client.on('keyboard-interactive', (_name, _words, _language, prompts, answer) =>
			answer(prompts.map(() => password ?? '')),
		);
		return {
			host,
			port,
			username,
			password,
			privateKey: await this.#privateKey(),
			passphrase,
			agent,
			tryKeyboard: password !== undefined,
			readyTimeout: 0,
			hostVerifier: (key: Buffer) => this.#believes(key),
		};
	}

	/** What to throw for `cause`, with which connecting ended. */
	failure(cause: unknown): Error {
		const where = `${this.#options.username}@${this.#options.host}:${this.#options.port}`;
		if (this.#unknownKey !== undefined) {
			return new RefusedError(this.#unknownKeyMessage(this.#unknownKey), {cause});
		}
		const trouble = this.#trouble ?? (cause instanceof Error ? cause : new Error(String(cause)));
		const level = 'level' in trouble ? trouble.level : undefined;
		const refused = level === 'client-authentication' || level === 'agent' || /privateKey/.test(trouble.message);
		return refused
			? new RefusedError(`${where} cannot log in: ${trouble.message}`, {cause})
			: new ConnectionError(`cannot connect to ${where}: ${trouble.message}`, {cause});
	}

	async #privateKey(): Promise<string | Buffer | undefined> {
		const {privateKey, privateKeyFile} = this.#options;
		try {
			return privateKeyFile === undefined ? privateKey : await readFile(privateKeyFile);
		} catch (cause) {
			throw new RefusedError(`cannot read "privateKeyFile": ${(cause as Error).message}`, {cause});
		}
	}

	#believes(key: Buffer): boolean {
		const known = this.#options.hostFingerprints.includes(fingerprintOf(key));
		this.#unknownKey = known ? undefined : key;
		return known;
	}

	#unknownKeyMessage(key: Buffer): string {
		const {host, port, hostFingerprints} = this.#options;
		const fault =
			hostFingerprints.length === 0 ? 'no host key is configured' : 'its host key is not one of those configured';
		return (
			`${host}:${port} is not trusted: ${fault}. It shows a key (${typeOf(key)}) with the fingerprint ` +
			`${fingerprintOf(key)}. If "ssh-keygen -l" on the server prints the same, put it into "hostFingerprints"`
		);
	}
}

/** As OpenSSH shows it. */
function fingerprintOf(key: Buffer): string {
	return `SHA256:${createHash('sha256').update(key).digest('base64').replace(/=+$/, '')}`;
}

/** A host key starts with the name of its type, after the length of that (RFC 4253, section 6.6). */
function typeOf(key: Buffer): string {
	return key.toString('latin1', 4, 4 + key.readUInt32BE(0));
}
