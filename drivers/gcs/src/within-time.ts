import {type Abortable, unlessAborted} from '@stowage/core';
import {TimeoutError} from './errors.ts';

/** Waits for what cannot be aborted, no longer than `timeout` milliseconds: then it rejects with `TimeoutError`. */
export async function withinTime<Result>(
	work: Promise<Result>,
	timeout: number,
	{signal}: Abortable = {},
): Promise<Result> {
	const late = new AbortController();
	const timer = setTimeout(() => late.abort(new TimeoutError(timeout)), timeout);
	try {
		return await unlessAborted(work, signal === undefined ? late.signal : AbortSignal.any([signal, late.signal]));
	} finally {
		clearTimeout(timer);
	}
}
