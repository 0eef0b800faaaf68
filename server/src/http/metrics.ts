import type {StorageObserver} from '@stowage/core';
import {Counter, Histogram, Registry, collectDefaultMetrics} from 'prom-client';
import {CleaningMetrics} from './cleaning-metrics.ts';
import {WorkersMetrics} from '../process/workers-metrics.ts';
import {RequestMetrics} from './request-metrics.ts';

const durations = [0.001, 0.005, 0.02, 0.1, 0.5, 2, 10, 60, 300];

/** All that is measured in this process, on a registry of its own. Labels are patterns and configured names, never images. */
export class Metrics {
	readonly #registry = new Registry();
	readonly cleaning = new CleaningMetrics(this.#registry);
	readonly requests = new RequestMetrics(this.#registry, durations);
	readonly #storageSeconds: Histogram;
	readonly #storageErrors: Counter;
	readonly #storageBytes: Counter;
	readonly #jobSeconds: Histogram;
	readonly #workers: WorkersMetrics | undefined;

	/** `worker` tells that this process is one of several that answer together. */
	constructor({worker = false}: {readonly worker?: boolean} = {}) {
		const registers = [this.#registry];
		this.#storageSeconds = new Histogram({
			name: 'stowage_storage_operation_duration_seconds',
			help: 'Calls of storage drivers',
			labelNames: ['storage', 'operation'],
			buckets: durations,
			registers,
		});
		this.#storageErrors = new Counter({
			name: 'stowage_storage_errors_total',
			help: 'Failed calls of storage drivers',
			labelNames: ['storage', 'operation', 'code'],
			registers,
		});
		this.#storageBytes = new Counter({
			name: 'stowage_storage_received_bytes_total',
			help: 'Bytes that uploads put into storages',
			labelNames: ['storage'],
			registers,
		});
		this.#jobSeconds = new Histogram({
			name: 'stowage_job_duration_seconds',
			help: 'Runs of background jobs',
			labelNames: ['job', 'outcome'],
			buckets: durations,
			registers,
		});
		collectDefaultMetrics({register: this.#registry});
		this.#workers = worker ? new WorkersMetrics(this.#registry) : undefined;
	}

	get contentType(): string {
		return this.#registry.contentType;
	}

	/** In the text format of Prometheus; of all workers where there are some. */
	async text(): Promise<string> {
		return this.#workers === undefined ? this.#registry.metrics() : this.#workers.text();
	}

	/** What to hand to the `Storage` of this name as its observer. */
	storageObserver(storage: string): StorageObserver {
		const received = this.#storageBytes.labels(storage);
		return (operation, milliseconds, bytes, errorCode) => {
			this.#storageSeconds.labels(storage, operation).observe(milliseconds / 1000);
			if (bytes !== undefined) {
				received.inc(bytes);
			}
			if (errorCode !== undefined) {
				this.#storageErrors.labels(storage, operation, errorCode).inc();
			}
		};
	}

	/** To be called after each run of a job. */
	observeJob(job: string, milliseconds: number, succeeded: boolean): void {
		this.#jobSeconds.labels(job, succeeded ? 'succeeded' : 'failed').observe(milliseconds / 1000);
	}
}
