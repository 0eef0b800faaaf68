import {setTimeout as sleep} from 'node:timers/promises';
import {collectionJob, digestOf} from '@stowage/core';
import test, {type ExecutionContext} from 'ava';
import {startApp} from '../../http/fixtures/start-app.ts';

async function start(t: ExecutionContext) {
	// Everything is older than that.
	const app = await startApp({configuration: {gracePeriodSeconds: -60}});
	t.teardown(() => app.stop());
	const ask = async (method: string, path: string, body?: Buffer) => {
		const response = await fetch(app.url + path, {method, headers: {authorization: app.admin}, body});
		const text = await response.text();
		return {status: response.status, text, json: () => JSON.parse(text) as Record<string, unknown>};
	};
	const push = async (text: string) => {
		const bytes = Buffer.from(text);
		const path = `/v2/docker-local/a/blobs/uploads/?digest=${digestOf(bytes)}`;
		t.is((await ask('POST', path, bytes)).status, 201);
	};
	const state = async () => (await ask('GET', '/artifactory/api/system/storage/gc')).json();
	const settled = async () => {
		for (let current = await state(); ; current = await state()) {
			if (current['status'] !== 'running') {
				return current;
			}
			await sleep(20);
		}
	};
	return {app, ask, push, state, settled};
}

test('a collection is planned, begun and followed, and counted in the metrics', async t => {
	const {ask, push, state, settled} = await start(t);
	await push('0123456789');
	await push('another');
	t.deepEqual(await state(), {status: 'never run'});
	const survey = await ask('POST', '/api/system/storage/gc?dryRun=true');
	t.is(survey.status, 200);
	t.deepEqual(survey.json(), {dryRun: true, storages: [{storage: 'default', blobs: 2, bytes: 17}]});
	const begun = await ask('POST', '/api/system/storage/gc');
	t.is(begun.status, 202);
	const ended = await settled();
	t.like(ended, {status: 'done', report: {holds: 2, blobs: 2, bytes: 17, left: 0}});
	t.true(Date.parse(String(ended['startedAt'])) <= Date.parse(String(ended['finishedAt'])));
	const metrics = await ask('GET', '/metrics');
	t.regex(metrics.text, /stowage_collected_blobs_total 2\n/);
	t.regex(metrics.text, /stowage_collected_bytes_total 17\n/);
});

test('a collection that runs already, on whatever node, is not begun again', async t => {
	const {app, ask, state} = await start(t);
	const {jobs} = app.rest.metadata;
	t.true(await jobs.claim({name: collectionJob, owner: 'another node', leaseMs: 60_000, intervalMs: 0}));
	t.is((await ask('POST', '/api/system/storage/gc')).status, 409);
	t.like(await state(), {status: 'running'});
	await jobs.finish(collectionJob, 'another node', 'the disk is gone');
	t.like(await state(), {status: 'failed', error: 'the disk is gone'});
	t.true(await jobs.claim({name: collectionJob, owner: 'a node that dies', leaseMs: 1, intervalMs: 0}));
	await sleep(20);
	t.like(await state(), {status: 'interrupted'});
});
