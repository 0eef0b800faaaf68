import {randomUUID} from 'node:crypto';
import type {MetadataStore} from '../metadata/metadata-store.ts';
import type {Abortable} from '../types/abortable.ts';
import type {Logger} from '../types/logger.ts';
import type {JobRegistrar} from './job-registrar.ts';
import {holdLease} from './hold-lease.ts';
import {waitUnlessAborted} from './wait-unless-aborted.ts';

export interface JobRunnerOptions {
	readonly metadata: Pick<MetadataStore, 'jobs'>;
	readonly logger: Logger;
	/** Who runs the jobs: another word for every runner. A random one unless told. */
	readonly owner?: string;
	/** How long another node waits before it takes over from one that died, in milliseconds; a minute unless told. */
	readonly leaseMs?: number;
	/** Called after every run. */
	readonly observe?: (job: string, milliseconds: number, succeeded: boolean) => void;
	/** Milliseconds from any start, for the length of a run. */
	readonly now?: () => number;
}

interface Job {
	readonly name: string;
	readonly intervalMs: number;
	readonly run: (options: Required<Abortable>) => Promise<void>;
}

/** A job of a longer interval is offered so often, so that one that another node left comes to its turn again soon. */
const longestTurnMs = 60 * 60_000;
/** Nodes that start together do not ask together. */
const longestFirstTurnMs = 10_000;

/**
 * Runs jobs at their intervals, each on one node at a time however many nodes there are: a lease in the database says
 * who, is renewed while the job runs, and aborts the run when it is lost.
 */
export class JobRunner implements JobRegistrar {
	readonly #options: JobRunnerOptions;
	readonly #owner: string;
	readonly #now: () => number;
	readonly #jobs = new Map<string, Job>();
	readonly #turns = new Set<Promise<void>>();
	readonly #stopped = new AbortController();
	#started = false;

	constructor(options: JobRunnerOptions) {
		this.#options = options;
		this.#owner = options.owner ?? randomUUID();
		this.#now = options.now ?? (() => performance.now());
	}

	/** May be called before and after `start`. Throws when there is a job of that name. */
	every(interval: {readonly minutes: number}, name: string, run: Job['run']): void {
		if (this.#jobs.has(name)) {
			throw new Error(`there is a job "${name}" already`);
		}
		const job = {name, intervalMs: interval.minutes * 60_000, run};
		this.#jobs.set(name, job);
		if (this.#started) {
			this.#begin(job);
		}
	}

	/** The first turns come within seconds. Nothing of this keeps the process running. */
	start(): void {
		if (!this.#started) {
			this.#started = true;
			for (const job of this.#jobs.values()) {
				this.#begin(job);
			}
		}
	}

	/**
	 * Runs a job now, whenever its last run was. Undefined when it runs already, here or on another node. Resolves as soon
	 * as it has begun; `ended` resolves to the message of the error that ended it, if one did. Throws for an unknown name.
	 */
	async runNow(name: string): Promise<{readonly ended: Promise<string | undefined>} | undefined> {
		const job = this.#jobs.get(name);
		if (job === undefined) {
			throw new Error(`there is no job "${name}"`);
		}
		this.#stopped.signal.throwIfAborted();
		const {metadata} = this.#options;
		if (!(await metadata.jobs.claim({name, owner: this.#owner, leaseMs: this.#leaseMs, intervalMs: 0}))) {
			return undefined;
		}
		const ended = this.#runClaimed(job);
		const turn = ended.then(
			() => undefined,
			() => undefined,
		);
		this.#turns.add(turn);
		void turn.then(() => this.#turns.delete(turn));
		return {ended};
	}

	/** Aborts what runs and resolves when it has ended, and its leases with it. */
	async stop(): Promise<void> {
		this.#stopped.abort(new Error('the job runner stops'));
		await Promise.all(this.#turns);
	}

	#begin(job: Job): void {
		const turns = this.#takeTurns(job).finally(() => this.#turns.delete(turns));
		this.#turns.add(turns);
	}

	async #takeTurns(job: Job): Promise<void> {
		const {signal} = this.#stopped;
		let waitMs = Math.min(job.intervalMs, longestFirstTurnMs) * Math.random();
		while (await waitUnlessAborted(waitMs, signal)) {
			await this.#takeTurn(job);
			// A little late, never early: the database refuses a claim before the interval has passed.
			waitMs = Math.min(job.intervalMs, longestTurnMs) * (1 + Math.random() / 10);
		}
	}

	async #takeTurn(job: Job): Promise<void> {
		const {metadata, logger} = this.#options;
		try {
			const claim = {name: job.name, owner: this.#owner, leaseMs: this.#leaseMs, intervalMs: job.intervalMs};
			if (await metadata.jobs.claim(claim)) {
				await this.#runClaimed(job);
			}
		} catch (error) {
			logger.error({err: error, job: job.name}, 'a job could not be claimed or finished');
		}
	}

	async #runClaimed(job: Job): Promise<string | undefined> {
		const error = await this.#run(job);
		await this.#options.metadata.jobs.finish(job.name, this.#owner, error);
		return error;
	}

	/** Resolves to the message of the error that ended the run, if one did. */
	async #run(job: Job): Promise<string | undefined> {
		const {metadata, logger, observe} = this.#options;
		const begin = this.#now();
		const lease = holdLease({
			renew: () => metadata.jobs.renew(job.name, this.#owner, this.#leaseMs),
			leaseMs: this.#leaseMs,
		});
		const signal = AbortSignal.any([this.#stopped.signal, lease.signal]);
		let failure: string | undefined;
		try {
			await job.run({signal});
		} catch (error) {
			failure = error instanceof Error ? error.message : String(error);
			const fields = {err: error, job: job.name};
			if (this.#stopped.signal.aborted) {
				logger.debug(fields, 'job aborted');
			} else {
				logger.error(fields, 'job failed: it is tried again at its next turn');
			}
		} finally {
			await lease.end();
		}
		observe?.(job.name, this.#now() - begin, failure === undefined);
		return failure;
	}

	get #leaseMs(): number {
		return this.#options.leaseMs ?? 60_000;
	}
}
