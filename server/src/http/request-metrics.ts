import {Counter, Gauge, type Registry} from 'prom-client';
import {BucketCounts} from './bucket-counts.ts';
import {CountedHistogram} from './counted-histogram.ts';
import type {HttpContext} from './http-context.ts';
import type {Route} from './route.ts';

interface RouteCounts {
	readonly labels: {readonly table: string; readonly method: string; readonly route: string};
	readonly seconds: BucketCounts;
	/** How many answers had which status. */
	readonly statuses: Map<number, number>;
}

/** Requests by route. They are counted in plain fields and put into the words of Prometheus when somebody asks for them. */
export class RequestMetrics {
	readonly #bounds: readonly number[];
	readonly #routes = new Map<Route | undefined, RouteCounts>();
	#running = 0;

	/** `bounds` of the histogram, in seconds. */
	constructor(registry: Registry, bounds: readonly number[]) {
		const counts = () => this.#routes.values();
		const running = () => this.#running;
		this.#bounds = bounds;
		const answered = new Counter({
			name: 'stowage_http_requests_total',
			help: 'Answered requests by route and status',
			labelNames: ['table', 'method', 'route', 'status'],
			registers: [],
			collect() {
				this.reset();
				for (const {labels, statuses} of counts()) {
					for (const [status, count] of statuses) {
						this.inc({...labels, status}, count);
					}
				}
			},
		});
		const seconds = new CountedHistogram({
			name: 'stowage_http_request_duration_seconds',
			help: 'From the first byte of the request to the last of its answer',
			bounds,
			counts: () => Array.from(counts(), ({labels, seconds}) => [labels, seconds] as const),
		});
		const served = new Gauge({
			name: 'stowage_http_requests_running',
			help: 'Requests being served',
			registers: [],
			collect() {
				this.set(running());
			},
		});
		[answered, seconds, served].forEach(metric => registry.registerMetric(metric));
	}

	/** Counts and times a request by its route, once its answer has gone. */
	watch(context: HttpContext): void {
		const start = performance.now();
		this.#running += 1;
		context.res.on('close', () => {
			this.#running -= 1;
			this.#count(context.route, context.res.statusCode, (performance.now() - start) / 1000);
		});
	}

	#count(route: Route | undefined, status: number, seconds: number): void {
		const counts = this.#routes.get(route) ?? this.#countsOf(route);
		counts.seconds.observe(seconds);
		counts.statuses.set(status, (counts.statuses.get(status) ?? 0) + 1);
	}

	#countsOf(route: Route | undefined): RouteCounts {
		const {table = 'none', method = 'any', path = 'none'} = route ?? {};
		const counts = {
			labels: {table, method, route: path},
			seconds: new BucketCounts(this.#bounds),
			statuses: new Map<number, number>(),
		};
		this.#routes.set(route, counts);
		return counts;
	}
}
