import {type ChildProcess, spawn} from 'node:child_process';
import {once} from 'node:events';

/** Removes a folder, and ends the server that works in it now, no later than this process ends, however that happens. */
export class FolderGuard {
	readonly #guard: ChildProcess;
	readonly #ended: Promise<unknown>;

	constructor(folder: string) {
		// A process id a line, or an empty one for none; the end of the input is the end of who writes it.
		const script = 'pid=; while read -r line; do pid=$line; done; [ -z "$pid" ] || kill -9 "$pid"; rm -rf "$1"';
		// A group of its own, so that Ctrl+C does not end it first.
		this.#guard = spawn('sh', ['-c', script, 'sh', folder], {stdio: ['pipe', 'ignore', 'ignore'], detached: true});
		this.#ended = once(this.#guard, 'exit');
	}

	watch(pid: number | undefined): void {
		this.#guard.stdin?.write(`${pid ?? ''}\n`);
	}

	async release(): Promise<void> {
		this.#guard.stdin?.end();
		await this.#ended;
	}
}
