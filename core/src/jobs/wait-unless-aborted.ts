import {setTimeout} from 'node:timers/promises';

/** False when the signal came first. Does not keep the process running. */
export async function waitUnlessAborted(ms: number, signal: AbortSignal): Promise<boolean> {
	try {
		await setTimeout(ms, undefined, {signal, ref: false});
		return !signal.aborted;
	} catch {
		return false;
	}
}
