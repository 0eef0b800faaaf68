import {waitUnlessAborted} from './wait-unless-aborted.ts';

export interface HoldLeaseOptions {
	/** False when the lease was lost. */
	readonly renew: () => Promise<boolean>;
	readonly leaseMs: number;
}

export interface HeldLease {
	/** Aborts when the lease was lost, or could not be renewed for as long as it lasts. */
	readonly signal: AbortSignal;
	/** Stops renewing it. */
	end(): Promise<void>;
}

/** Renews a lease that was just taken, three times as often as it needs, until it is ended or lost. */
export function holdLease({renew, leaseMs}: HoldLeaseOptions): HeldLease {
	const lost = new AbortController();
	const ended = new AbortController();
	const hold = async () => {
		let renewedAt = performance.now();
		while (await waitUnlessAborted(leaseMs / 3, ended.signal)) {
			const begin = performance.now();
			// Undefined: the database did not answer, so another node may not have heard of it either.
			const renewed = await renew().catch(() => undefined);
			if (renewed === true) {
				renewedAt = begin;
			} else if (renewed === false || performance.now() - renewedAt > leaseMs) {
				lost.abort(new Error('the lease of the job was lost'));
				return;
			}
		}
	};
	const held = hold();
	return {
		signal: lost.signal,
		end: async () => {
			ended.abort();
			await held;
		},
	};
}
