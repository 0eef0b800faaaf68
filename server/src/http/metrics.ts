import type {StorageObserver} from '@stowage/core';
import {Counter, Gauge, Histogram, Registry, collectDefaultMetrics} from 'prom-client';
import {CleaningMetrics} from './cleaning-metrics.ts';
import type {HttpContext} from './http-context.ts';
import type {Route} from './route.ts';

/** Measurements of one route, kept so that no label is looked up while a request is served. */
interface RouteMeasures {
	readonly seconds: Histogram.Internal<string>;
	readonly counts: Map<number, Counter.Internal>;
}

const durations = [0.001, 0.005, 0.02, 0.1, 0.5, 2, 10, 60, 300];

/** All that is measured in this process, on a registry of its own. Labels are patterns and configured names, never images. */
export class Metrics {
	readonly #registry = new Registry();
	readonly cleaning = new CleaningMetrics(this.#registry);
	readonly #requests: Counter;
	readonly #seconds: Histogram;
	readonly #running: Gauge;
	readonly #storageSeconds: Histogram;
	readonly #storageErrors: Counter;
	readonly #storageBytes: Counter;
	readonly #jobSeconds: Histogram;
	readonly #routes = new WeakMap<Route, RouteMeasures>();
	readonly #unrouted: RouteMeasures;

	constructor() {
		const registers = [this.#registry];
		const labelNames = ['table', 'method', 'route'];
		this.#requests = new Counter({
			name: 'stowage_http_requests_total',
			help: 'Answered requests by route and status',
			labelNames: [...labelNames, 'status'],
			registers,
		});
		this.#seconds = new Histogram({
			name: 'stowage_http_request_duration_seconds',
			help: 'From the first byte of the request to the last of its answer',
			labelNames,
			buckets: durations,
			registers,
		});
		this.#running = new Gauge({name: 'stowage_http_requests_running', help: 'Requests being served', registers});
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
		this.#unrouted = this.#measuresOf('none', 'any', 'none');
		collectDefaultMetrics({register: this.#registry});
	}

	get contentType(): string {
		return this.#registry.contentType;
	}

	/** In the text format of Prometheus. */
	async text(): Promise<string> {
		return this.#registry.metrics();
	}

	/** Middleware: counts and times each request by its route, once its answer has gone. */
	readonly requests = (context: HttpContext, next: () => Promise<void>): Promise<void> => {
		const start = performance.now();
		this.#running.inc();
		context.res.once('close', () => {
			this.#running.dec();
			this.#observe(context.route, context.res.statusCode, (performance.now() - start) / 1000);
		});
		return next();
	};

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

	#observe(route: Route | undefined, status: number, seconds: number): void {
		let measures = route === undefined ? this.#unrouted : this.#routes.get(route);
		if (measures === undefined && route !== undefined) {
			measures = this.#measuresOf(route.table, route.method, route.path);
			this.#routes.set(route, measures);
		}
		measures?.seconds.observe(seconds);
		let count = measures?.counts.get(status);
		if (count === undefined) {
			const labels = [route?.table ?? 'none', route?.method ?? 'any', route?.path ?? 'none', String(status)];
			count = this.#requests.labels(...labels);
			measures?.counts.set(status, count);
		}
		count.inc();
	}

	#measuresOf(table: string, method: string, path: string): RouteMeasures {
		return {seconds: this.#seconds.labels(table, method, path), counts: new Map()};
	}
}
