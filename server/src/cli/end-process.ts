/** How long what is still open may take to end by itself, in milliseconds. */
const graceMs = 1000;

/**
 * Sees to it that a process which has told why it failed ends, even if something that it waited for never does: a driver's
 * connection, or a call to a file system that does not answer. With `code`, unless such a call holds a thread: Node's own
 * `exit` would wait for that.
 */
export function endProcess(code: number): void {
	process.exitCode = code;
	setTimeout(() => {
		const held = process.getActiveResourcesInfo().some(name => name.includes('Req'));
		if (held) {
			process.kill(process.pid, 'SIGKILL');
		}
		process.exit(code);
	}, graceMs).unref();
}
