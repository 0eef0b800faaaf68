import {type ChildProcess, spawn} from 'node:child_process';
import {once} from 'node:events';
import {open, readFile} from 'node:fs/promises';
import {setTimeout as sleep} from 'node:timers/promises';
import {ProcessFailure} from './process-failure.ts';

const pollMs = 20;
const shownCharacters = 4000;

export interface ServerProcessOptions {
	readonly program: string;
	readonly parameters: readonly string[];
	/** Instead of this process's own environment. */
	readonly environment?: NodeJS.ProcessEnv;
	readonly folder?: string;
	/** File that gets everything the program prints; added to when it exists. */
	readonly log: string;
	/** Whether the server can be used. Asked again and again until it says yes. */
	readonly ready: () => Promise<boolean>;
	/** How long the program may take until it is ready, in milliseconds. */
	readonly readyWithinMs?: number;
}

/** A server program that a test started. It is ended by its own process id, and is gone once `stop` or `kill` has settled. */
export class ServerProcess {
	readonly pid: number;
	readonly #child: ChildProcess;
	readonly #program: string;
	readonly #log: string;

	private constructor(child: ChildProcess, program: string, log: string) {
		this.pid = child.pid!;
		this.#child = child;
		this.#program = program;
		this.#log = log;
	}

	/** Starts the program and waits until it is ready. Rejects with `ProcessFailure` when it ends or stays silent; it is ended then. */
	static async start(options: ServerProcessOptions): Promise<ServerProcess> {
		const log = await open(options.log, 'a');
		try {
			const child = spawn(options.program, options.parameters, {
				cwd: options.folder,
				env: options.environment,
				stdio: ['ignore', log.fd, log.fd],
			});
			await once(child, 'spawn');
			const started = new ServerProcess(child, options.program, options.log);
			await started.#untilReady(options.ready, options.readyWithinMs ?? 30_000);
			return started;
		} finally {
			await log.close();
		}
	}

	get running(): boolean {
		return this.#child.exitCode === null && this.#child.signalCode === null;
	}

	/** Everything the program printed. */
	output(): Promise<string> {
		return readFile(this.#log, 'utf8');
	}

	/** Ends the program by SIGTERM; if it does not end in time, by SIGKILL and with a `ProcessFailure`. */
	async stop(withinMs = 20_000): Promise<void> {
		if (!this.running) {
			return;
		}
		const ended = once(this.#child, 'exit');
		this.#child.kill('SIGTERM');
		const late = new AbortController();
		const inTime = await Promise.race([
			ended.then(() => true),
			sleep(withinMs, false, {signal: late.signal}).catch(() => true),
		]);
		late.abort();
		if (inTime) {
			return;
		}
		await this.kill();
		throw new ProcessFailure(this.#program, `did not end ${withinMs} ms after SIGTERM`, await this.#lastOutput());
	}

	/** `kill -9`. */
	async kill(): Promise<void> {
		if (!this.running) {
			return;
		}
		const ended = once(this.#child, 'exit');
		this.#child.kill('SIGKILL');
		await ended;
	}

	async #untilReady(ready: () => Promise<boolean>, withinMs: number): Promise<void> {
		const deadline = Date.now() + withinMs;
		while (!(await ready())) {
			if (!this.running) {
				throw new ProcessFailure(this.#program, 'ended while starting', await this.#lastOutput());
			}
			if (Date.now() > deadline) {
				await this.kill();
				throw new ProcessFailure(this.#program, `was not ready after ${withinMs} ms`, await this.#lastOutput());
			}
			await sleep(pollMs);
		}
	}

	async #lastOutput(): Promise<string> {
		return (await this.output()).slice(-shownCharacters);
	}
}
