import cluster, {type Worker} from 'node:cluster';
import type {Logger} from '@stowage/core';
import {AggregatorRegistry} from 'prom-client';
import type {ListenAddress} from '../config/listen-address.ts';
import {WorkerEndedError} from './worker-ended-error.ts';
import type {MetricsAnswer, MetricsQuestion, WorkerOrder, WorkerReady} from './worker-channel.ts';

interface WorkerPoolOptions {
	readonly count: number;
	readonly logger: Logger;
}

const firstRestartMs = 100;
const slowestRestartMs = 30_000;
/** What a worker needs to close everything, beside the time that requests get. */
const killAfterSeconds = 10;
/** A worker that lived so long did not die of what killed the one before. */
const healthyAfterMs = 60_000;

/** Processes that share the listening sockets of this one. One that dies is replaced, at growing intervals. */
export class WorkerPool {
	/** Rejects when a worker ends before all have listened for the first time. */
	readonly listening: Promise<readonly ListenAddress[]>;
	readonly #logger: Logger;
	readonly #workers = new Set<Worker>();
	readonly #metrics = new AggregatorRegistry();
	readonly #restarts = new Set<NodeJS.Timeout>();
	readonly #start = Promise.withResolvers<readonly ListenAddress[]>();
	readonly #end = Promise.withResolvers<void>();
	#missing: number;
	#restartMs = firstRestartMs;
	#stopping = false;

	constructor({count, logger}: WorkerPoolOptions) {
		this.#logger = logger;
		this.#missing = count;
		this.listening = this.#start.promise;
		for (let index = 0; index < count; index++) {
			this.#fork();
		}
	}

	/** Lets every worker end its requests. Resolves when the last one is gone, which is killed when it is not in time. */
	async stop({withinSeconds}: {readonly withinSeconds: number}): Promise<void> {
		this.#stopping = true;
		for (const timer of this.#restarts) {
			clearTimeout(timer);
		}
		this.#order({kind: 'stop'});
		this.#endWhenEmpty();
		const late = setTimeout(() => this.#kill(), (withinSeconds + killAfterSeconds) * 1000);
		await this.#end.promise;
		clearTimeout(late);
	}

	/** Ends a `stop` under way at once. */
	cut(): void {
		this.#order({kind: 'cut'});
	}

	#kill(): void {
		for (const worker of this.#workers) {
			this.#logger.error({pid: worker.process.pid}, 'worker did not end and is killed');
			worker.process.kill('SIGKILL');
		}
	}

	#order(order: WorkerOrder): void {
		for (const worker of this.#workers) {
			if (worker.isConnected()) {
				worker.send(order);
			}
		}
	}

	#fork(): void {
		const worker = cluster.fork();
		const bornAt = performance.now();
		this.#workers.add(worker);
		worker.on('message', (message: WorkerReady | MetricsQuestion) => {
			if (message.kind === 'listening') {
				this.#missing -= 1;
				if (this.#missing === 0) {
					this.#start.resolve(message.addresses);
				}
			} else if (message.kind === 'metrics') {
				void this.#tellMetrics(worker, message);
			}
		});
		worker.on('exit', (code: number | null, signal: string | null) => {
			this.#workers.delete(worker);
			this.#onExit(worker, {code, signal, livedMs: performance.now() - bornAt});
		});
	}

	async #tellMetrics(worker: Worker, {kind, id}: MetricsQuestion): Promise<void> {
		const text = await this.#metrics.clusterMetrics().catch((error: unknown) => {
			this.#logger.warn({err: error}, 'measurements of workers could not be gathered');
			return undefined;
		});
		if (worker.isConnected()) {
			worker.send({kind, id, text} satisfies MetricsAnswer);
		}
	}

	#onExit(worker: Worker, {livedMs, ...how}: {code: number | null; signal: string | null; livedMs: number}): void {
		if (this.#stopping) {
			this.#endWhenEmpty();
			return;
		}
		const pid = worker.process.pid;
		if (this.#missing > 0) {
			this.#start.reject(new WorkerEndedError(how.code, how.signal));
			return;
		}
		this.#restartMs = livedMs > healthyAfterMs ? firstRestartMs : Math.min(this.#restartMs * 2, slowestRestartMs);
		this.#logger.error({pid, ...how, restartMs: this.#restartMs}, 'worker ended and is replaced');
		const timer = setTimeout(() => {
			this.#restarts.delete(timer);
			this.#fork();
		}, this.#restartMs);
		this.#restarts.add(timer);
	}

	#endWhenEmpty(): void {
		if (this.#workers.size === 0) {
			this.#end.resolve();
		}
	}
}
