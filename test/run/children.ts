import {type ChildProcess, spawn} from 'node:child_process';
import {once} from 'node:events';
import {pipeline} from 'node:stream/promises';
import {setTimeout as sleep} from 'node:timers/promises';

export interface RunOptions {
	/** Beside this process's own. */
	readonly environment?: NodeJS.ProcessEnv;
	/** Gets what the program prints, line by line; without it, it goes where ours goes. */
	readonly onLine?: (line: string) => void;
}

/** Runs a program to its end and gives its exit status; 127 when it could not be started, 128 and more when a signal ended it. */
export type Run = (command: readonly string[], options?: RunOptions) => Promise<number>;

const endWithinMs = 30_000;

/** The programs that a run has started: each in a process group of its own, so that none of its descendants outlives it. */
export class Children {
	readonly #running = new Set<ChildProcess>();
	#ended = false;

	readonly run: Run = async (command, {environment, onLine} = {}) => {
		if (this.#ended) {
			return 130;
		}
		const child = spawn(command[0]!, command.slice(1), {
			env: {...process.env, ...environment},
			stdio: ['ignore', onLine === undefined ? 'inherit' : 'pipe', 'inherit'],
			detached: true,
		});
		this.#running.add(child);
		try {
			const closed = once(child, 'close');
			if (child.stdout !== null && onLine !== undefined) {
				await Promise.all([pipeline(child.stdout, eachLine(onLine)), closed]);
			}
			await closed;
			return child.exitCode ?? 128;
		} catch (error) {
			console.error(`${command[0]}: ${(error as Error).message}`);
			return 127;
		} finally {
			this.#running.delete(child);
			signalGroup(child, 'SIGKILL');
		}
	};

	/** Ends everything that runs, and lets nothing more start. */
	async end(): Promise<void> {
		this.#ended = true;
		for (const child of this.#running) {
			signalGroup(child, 'SIGTERM');
		}
		for (const deadline = Date.now() + endWithinMs; this.#running.size > 0 && Date.now() < deadline;) {
			await sleep(50);
		}
		for (const child of this.#running) {
			signalGroup(child, 'SIGKILL');
		}
	}
}

function eachLine(onLine: (line: string) => void): (source: AsyncIterable<Buffer>) => Promise<void> {
	return async source => {
		let rest = '';
		const decoder = new TextDecoder();
		for await (const chunk of source) {
			const lines = (rest + decoder.decode(chunk, {stream: true})).split('\n');
			rest = lines.pop()!;
			lines.forEach(onLine);
		}
		if (rest !== '') {
			onLine(rest);
		}
	};
}

function signalGroup(child: ChildProcess, signal: NodeJS.Signals): void {
	try {
		if (child.pid !== undefined) {
			process.kill(-child.pid, signal);
		}
	} catch {
		// The group has no member any more: that is what was wanted.
	}
}
