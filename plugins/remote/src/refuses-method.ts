import {UpstreamError} from './upstream-error.ts';

const statuses: ReadonlySet<number | undefined> = new Set([400, 405, 501]);

/** Whether the upstream may only not know HEAD: then it is asked with GET. */
export function refusesMethod(error: unknown): boolean {
	return error instanceof UpstreamError && statuses.has(error.answered);
}
