import {type Abortable, JobRunner} from '@stowage/core';
import type {CliApplication} from './with-application.ts';

/** Somebody else is at the same work, or it ended in trouble. */
export class JobError extends Error {
	override readonly name = 'JobError';
	readonly code: 'JOB_BUSY' | 'JOB_FAILED';

	constructor(code: JobError['code'], message: string) {
		super(message);
		this.code = code;
	}
}

/**
 * Does a job of the server here, which then nobody else does. Rejects with `JobError` when it is being done already, or
 * was not done.
 */
export async function runJob(
	{metadata, logger, signal}: Pick<CliApplication, 'metadata' | 'logger' | 'signal'>,
	name: string,
	work: (options: Required<Abortable>) => Promise<void>,
): Promise<void> {
	const runner = new JobRunner({metadata, logger});
	// The interval is the server's business: here it runs once.
	runner.every({minutes: 60}, name, work);
	const running = await runner.runNow(name);
	if (running === undefined) {
		throw new JobError('JOB_BUSY', `"${name}" is running already, on a server or in another shell`);
	}
	signal.addEventListener('abort', () => void runner.stop(), {once: true});
	const failure = await running.ended;
	signal.throwIfAborted();
	if (failure !== undefined) {
		throw new JobError('JOB_FAILED', failure);
	}
}
