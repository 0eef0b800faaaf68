import {spawn} from 'node:child_process';
import {once} from 'node:events';

/**
 * Sees to it that a process ends, by its process id, and its folder is removed, no later than this process ends, however
 * that happens. Gives the way to do it at once.
 */
export function guardProcess(pid: number, folder: string): () => Promise<void> {
	// Not for ever: where nobody collects orphans that have ended, their process ids stay.
	const gone = 'n=0; while kill -0 "$1" && [ $n -lt 100 ]; do sleep 0.02; n=$((n + 1)); done';
	const script = `cat; kill -9 "$1"; ${gone}; rm -rf "$2"`;
	// A group of its own, so that Ctrl+C does not end it first.
	const guard = spawn('sh', ['-c', script, 'sh', String(pid), folder], {
		stdio: ['pipe', 'ignore', 'ignore'],
		detached: true,
	});
	const ended = once(guard, 'exit');
	return async () => {
		guard.stdin.end();
		await ended;
	};
}
