import type {ServerResponse} from 'node:http';
import {clientLeft} from './client-left.ts';

/** Settles once the bytes were handed to the system, or the client has left: then nobody waits for them any more. */
export function written(response: ServerResponse, bytes: Uint8Array, signal: AbortSignal): Promise<void> {
	const {promise, resolve, reject} = Promise.withResolvers<void>();
	const leave = () => reject(signal.reason as Error);
	signal.addEventListener('abort', leave, {once: true});
	response.write(bytes, error => {
		signal.removeEventListener('abort', leave);
		if (error) {
			reject(clientLeft(error));
		} else {
			resolve();
		}
	});
	if (signal.aborted) {
		leave();
	}
	// It may fail while the next read is under way, before anybody waits for it.
	promise.catch(() => undefined);
	return promise;
}
