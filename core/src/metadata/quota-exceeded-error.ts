import {RegistryError} from '../oci/registry-error.ts';
import type {Quota} from './write-rules.ts';

export interface QuotaExcess {
	/** Whose quota it is. */
	readonly of: keyof Quota;
	/** Bytes, like those below. */
	readonly quota: number;
	readonly held: number;
	/** What was to be held besides. */
	readonly wanted: number;
}

/** More was to be held than the operator lets a repository or an image hold. Nothing has been changed. */
export class QuotaExceededError extends RegistryError {
	readonly excess: QuotaExcess;

	constructor(excess: QuotaExcess) {
		const {of, quota, held, wanted} = excess;
		const message = `the quota of this ${of} is exceeded: ${held} of ${quota} bytes are used, and ${wanted} more were to come`;
		super('DENIED', message, {detail: excess});
		this.excess = excess;
	}
}
