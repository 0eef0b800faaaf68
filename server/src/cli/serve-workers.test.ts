import {readFile} from 'node:fs/promises';
import {setTimeout as wait} from 'node:timers/promises';
import test from 'ava';
import {makeStowageFolder} from './fixtures/stowage-process.ts';

const twoWorkers = ['serve', '--listen', '127.0.0.1:0', '--workers', '2'];

/** Process ids of the children of a process, as Linux tells. */
async function childrenOf(pid: number): Promise<number[]> {
	const told = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8');
	return told.split(' ').filter(Boolean).map(Number);
}

async function alive(url: string): Promise<boolean> {
	try {
		return (await fetch(`${url}/healthz`, {headers: {connection: 'close'}})).status === 200;
	} catch {
		return false;
	}
}

test.serial('two workers serve, and one that dies is replaced', async t => {
	const {run} = await makeStowageFolder(t);
	const server = run(twoWorkers, {STOWAGE_ADMIN_PASSWORD: 'correct horse battery'});
	const url = await server.listening();
	const before = await childrenOf(server.pid);
	t.is(before.length, 2);
	process.kill(before[0] ?? 0, 'SIGKILL');
	let now: number[] = [];
	for (let tries = 0; tries < 200 && (now.length < 2 || now.includes(before[0] ?? 0)); tries++) {
		await wait(50);
		now = await childrenOf(server.pid);
	}
	t.is(now.length, 2);
	t.true(now.includes(before[1] ?? 0));
	t.true(await alive(url));
	t.regex(server.printed.stdout, /"signal":"SIGKILL".*"worker ended and is replaced"/);
	server.kill('SIGTERM');
	t.is(await server.exit, 0);
	t.false(await alive(url));
});

test.serial('measurements are of all workers together, whichever answers', async t => {
	const {run} = await makeStowageFolder(t);
	const password = 'correct horse battery';
	const server = run(twoWorkers, {STOWAGE_ADMIN_PASSWORD: password});
	const url = await server.listening();
	const headers = {authorization: `Basic ${btoa(`admin:${password}`)}`, connection: 'close'};
	const asked = 8;
	for (let request = 0; request < asked; request++) {
		t.is((await fetch(`${url}/v2/_catalog`, {headers})).status, 200);
	}
	for (let scrape = 0; scrape < 4; scrape++) {
		const text = await (await fetch(`${url}/metrics`, {headers})).text();
		const route = '{table="v2",method="GET",route="/_catalog"';
		t.true(text.includes(`stowage_http_requests_total${route},status="200"} ${asked}\n`), text);
		t.true(text.includes(`stowage_http_request_duration_seconds_count${route}} ${asked}\n`), text);
	}
	server.kill('SIGTERM');
	t.is(await server.exit, 0);
});

test.serial('many starts at once make one administrator', async t => {
	const {run} = await makeStowageFolder(t);
	const servers = [run(twoWorkers), run(twoWorkers)];
	await Promise.all(servers.map(server => server.listening()));
	const passwords = servers.flatMap(({printed}) => /password {2}(\w{26}) /.exec(printed.stderr)?.[1] ?? []);
	t.is(passwords.length, 1);
});

test.serial('workers that cannot start end the whole, and say why', async t => {
	const {run} = await makeStowageFolder(t);
	const first = run(twoWorkers);
	const {host} = new URL(await first.listening());
	const second = run(['serve', '--listen', host, '--workers', '2']);
	t.is(await second.exit, 1);
	t.regex(second.printed.stderr, /another program listens there/);
});
