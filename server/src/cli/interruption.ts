import {InterruptedError} from './interrupted-error.ts';

/**
 * Aborts with `InterruptedError` when the command is ended from outside, so that it can end what it is at. A second time
 * ends the process. Until `opened` is closed.
 */
export function interruption(opened: AsyncDisposableStack, message?: string): AbortSignal {
	const ended = new AbortController();
	const end = () => ended.abort(new InterruptedError(message));
	for (const signal of ['SIGINT', 'SIGTERM'] as const) {
		process.once(signal, end);
		opened.defer(() => void process.off(signal, end));
	}
	return ended.signal;
}
