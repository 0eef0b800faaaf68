/** A worker did not come up. It has told why on standard error. */
export class WorkerEndedError extends Error {
	readonly code = 'WORKER_ENDED';
	readonly exitCode: number;

	constructor(exitCode: number | null, signal: string | null) {
		super(`a worker ended before it listened (${signal ?? `exit code ${exitCode ?? 1}`})`);
		this.name = 'WorkerEndedError';
		this.exitCode = exitCode === null || exitCode === 0 ? 1 : exitCode;
	}
}
