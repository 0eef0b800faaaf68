import type {RouteAccess} from '@stowage/core';
import {answer, answerJson} from './answer.ts';
import type {Metrics} from './metrics.ts';
import type {Readiness} from './readiness.ts';
import type {RouteTable} from './route-table.ts';

export interface HealthParts {
	readonly readiness: Pick<Readiness, 'down'>;
	readonly metrics: Metrics;
	/** Whether measurements are for anybody. */
	readonly publicMetrics: boolean;
}

const notStored = {'Cache-Control': 'no-store'};

/** `/healthz`: this process answers. `/readyz`: what it needs answers too. `/metrics`: for Prometheus. */
export function defineHealth(routes: RouteTable, {readiness, metrics, publicMetrics}: HealthParts): void {
	const metricsAccess: RouteAccess = publicMetrics ? 'public' : 'admin';
	routes.route('GET', '/healthz', 'public', context => answerJson(context, 200, notStored, {status: 'alive'}));
	routes.route('GET', '/readyz', 'public', async context => {
		const down = await readiness.down();
		const ready = down.length === 0;
		answerJson(context, ready ? 200 : 503, notStored, ready ? {status: 'ready'} : {status: 'not ready', down});
	});
	routes.route('GET', '/metrics', metricsAccess, async context => {
		const text = Buffer.from(await metrics.text());
		const headers = {...notStored, 'Content-Type': metrics.contentType, 'Content-Length': text.length};
		answer(context, 200, headers, text);
	});
}
