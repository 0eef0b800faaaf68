import test from 'ava';
import {startApp} from './fixtures/start-app.ts';

test('measurements are by route and never by image, and for administrators', async t => {
	const app = await startApp();
	t.teardown(() => app.stop());
	const headers = {authorization: app.admin};
	const ask = async (path: string, method = 'GET') => (await fetch(app.url + path, {method, headers})).text();
	await ask('/v2/docker-local/team/app/blobs/uploads/', 'POST');
	await ask('/v2/docker-local/team/app/tags/list');
	t.is((await fetch(`${app.url}/metrics`)).status, 401);
	const measures = await ask('/metrics');
	const uploads = '{table="v2",method="POST",route="/*image/blobs/uploads/"';
	t.true(measures.includes(`stowage_http_requests_total${uploads},status="202"} 1\n`));
	const timed = 'stowage_http_request_duration_seconds';
	t.regex(measures, new RegExp(`^# TYPE ${timed} histogram$`, 'm'));
	t.true(measures.includes(`${timed}_count${uploads}} 1\n`));
	t.true(measures.includes(`${timed}_bucket{le="+Inf",${uploads.slice(1)}} 1\n`));
	t.regex(measures, /^stowage_http_requests_running [1-9]\d*$/m);
	t.notRegex(measures, /team|docker-local/);
});

test('measurements are for everybody where the configuration says so', async t => {
	const app = await startApp({configuration: {publicMetrics: true}});
	t.teardown(() => app.stop());
	t.is((await fetch(`${app.url}/metrics`)).status, 200);
});
