import {addAbortListener} from 'node:events';
import type {Readable} from 'node:stream';

/**
 * Destroys a body when the signal aborts, and at once when it has aborted already: whoever waits for its next piece would
 * wait for ever if it stalls. `stop` is called before. Dispose of the result when nobody reads the body any more.
 */
export function destroyOnAbort(
	body: Readable,
	signal: AbortSignal | undefined,
	stop?: () => void,
): Disposable | undefined {
	return (
		signal &&
		addAbortListener(signal, () => {
			stop?.();
			// Between two pieces nobody else may be listening.
			body.once('error', () => undefined);
			body.destroy(signal.reason as Error);
		})
	);
}
