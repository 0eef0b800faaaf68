import {execFile} from 'node:child_process';
import {once} from 'node:events';
import {readFile, stat, writeFile} from 'node:fs/promises';
import {type IncomingMessage, request} from 'node:http';
import {createServer} from 'node:net';
import {join} from 'node:path';
import {text} from 'node:stream/consumers';
import {setTimeout as wait} from 'node:timers/promises';
import {promisify} from 'node:util';
import test from 'ava';
import {makeStowageFolder} from './fixtures/stowage-process.ts';

const anyPort = ['serve', '--listen', '127.0.0.1:0'];

function basic(password: string): string {
	return `Basic ${Buffer.from(`admin:${password}`).toString('base64')}`;
}

/** An upload that the server waits for the rest of. */
async function beginUpload(url: string, authorization: string) {
	const started = await fetch(`${url}/v2/docker-local/image/blobs/uploads/`, {
		method: 'POST',
		headers: {authorization},
	});
	const location = new URL(started.headers.get('location') ?? '', url);
	const upload = request(location, {method: 'PATCH', headers: {authorization, expect: '100-continue'}});
	const answered = once(upload, 'response') as Promise<[IncomingMessage]>;
	// Whoever waits for it sees it fail.
	answered.catch(() => undefined);
	upload.flushHeaders();
	// The server is at it, however busy this machine is.
	await once(upload, 'continue');
	upload.write('first');
	return {upload, answered};
}

/** Resolves once no new connection is accepted. */
async function untilRefused(url: string): Promise<void> {
	for (;;) {
		try {
			await fetch(`${url}/healthz`, {headers: {connection: 'close'}});
			await wait(20);
		} catch {
			return;
		}
	}
}

test.serial('without a word of configuration it answers, and how soon is told', async t => {
	const {run} = await makeStowageFolder(t);
	const started = performance.now();
	const server = run(anyPort);
	const {status} = await fetch(`${await server.listening()}/v2/`);
	const took = performance.now() - started;
	t.log(`${took.toFixed(0)} ms from the start of the process to the answer`);
	t.is(status, 401);
	// A machine that runs other tests at the same time takes much longer.
	t.true(took < 60_000);
});

test.serial('the start message is five lines, and what they say works', async t => {
	const {folder, run} = await makeStowageFolder(t);
	const server = run(anyPort);
	const url = await server.listening();
	const lines = server.printed.stderr.trimEnd().split('\n');
	t.is(lines.length, 5);
	t.true(lines[0]?.endsWith(join(folder, 'data')));
	t.regex(lines[1] ?? '', /docker login -u admin 127\.0\.0\.1:\d+$/);
	t.regex(lines[3] ?? '', /docker push 127\.0\.0\.1:\d+\/docker-local\/hello-world$/);
	const password = /password {2}(\S+)/.exec(lines[2] ?? '')?.[1] ?? '';
	t.is((await fetch(`${url}/v2/`, {headers: {authorization: basic(password)}})).status, 200);
	t.is((await readFile(join(folder, 'data/admin-password'), 'utf8')).trim(), password);
});

test.serial('the password is printed once, and nobody else can read where it is kept', async t => {
	const {folder, run} = await makeStowageFolder(t);
	const first = run(anyPort);
	await first.listening();
	first.kill('SIGTERM');
	t.is(await first.exit, 0);
	const file = join(folder, 'data/admin-password');
	const password = (await readFile(file, 'utf8')).trim();
	t.true(first.printed.stderr.includes(password));
	t.false(first.printed.stdout.includes(password));
	const second = run(anyPort);
	await second.listening();
	t.false((second.printed.stderr + second.printed.stdout).includes(password));
	t.true(second.printed.stderr.includes(file));
	const modes = await Promise.all(
		['data', 'data/admin-password', 'data/stowage.sqlite'].map(
			async path => (await stat(join(folder, path))).mode & 0o777,
		),
	);
	t.deepEqual(modes, [0o700, 0o600, 0o600]);
});

for (const way of ['REST', 'the command line']) {
	test.serial(`the file with the password goes when that is changed by ${way}`, async t => {
		const {folder, run} = await makeStowageFolder(t);
		const server = run(anyPort);
		const url = await server.listening();
		const file = join(folder, 'data/admin-password');
		const oldPassword = (await readFile(file, 'utf8')).trim();
		if (way === 'REST') {
			const names = {
				userName: 'admin',
				oldPassword,
				newPassword1: 'another password',
				newPassword2: 'another password',
			};
			const answer = await fetch(`${url}/api/security/users/authorization/changePassword`, {
				method: 'POST',
				headers: {authorization: basic(oldPassword), 'content-type': 'application/json'},
				body: JSON.stringify(names),
			});
			t.is(answer.status, 200, await answer.text());
		} else {
			t.is(await run(['user', 'change', 'admin', '--password-stdin'], {}, 'another password\n').exit, 0);
		}
		await t.throwsAsync(stat(file), {code: 'ENOENT'});
	});
}

test.serial('a password from the environment is used, and neither printed nor kept', async t => {
	const {folder, run} = await makeStowageFolder(t);
	const server = run(anyPort, {STOWAGE_ADMIN_PASSWORD: 'correct horse battery'});
	const url = await server.listening();
	const authorization = basic('correct horse battery');
	t.is((await fetch(`${url}/v2/`, {headers: {authorization}})).status, 200);
	t.false((server.printed.stderr + server.printed.stdout).includes('correct horse'));
	await t.throwsAsync(stat(join(folder, 'data/admin-password')), {code: 'ENOENT'});
});

test.serial('SIGTERM ends at once what has nothing to do', async t => {
	const {run} = await makeStowageFolder(t);
	const server = run(anyPort);
	await server.listening();
	const stopped = performance.now();
	server.kill('SIGTERM');
	t.is(await server.exit, 0);
	// Less than any limit that a start or a stop has, and much more than a busy machine needs.
	t.true(performance.now() - stopped < 4500);
});

test.serial('SIGTERM lets an upload come to its end', async t => {
	const {run} = await makeStowageFolder(t);
	const server = run(anyPort, {STOWAGE_ADMIN_PASSWORD: 'correct horse battery'});
	const url = await server.listening();
	const {upload, answered} = await beginUpload(url, basic('correct horse battery'));
	server.kill('SIGTERM');
	await untilRefused(url);
	upload.end('second');
	const [response] = await answered;
	t.is(response.statusCode, 202, await text(response));
	t.is(response.headers.range, '0-10');
	t.is(await server.exit, 0);
});

test.serial('a second signal ends it at once', async t => {
	const {run} = await makeStowageFolder(t);
	const server = run(anyPort, {STOWAGE_ADMIN_PASSWORD: 'correct horse battery'});
	const url = await server.listening();
	const {answered} = await beginUpload(url, basic('correct horse battery'));
	const cut = t.throwsAsync(answered, {code: 'ECONNRESET'});
	server.kill('SIGTERM');
	await untilRefused(url);
	server.kill('SIGINT');
	await cut;
	t.is(await server.exit, 0);
});

test.serial('a port that is taken is told, without a stack', async t => {
	const {run} = await makeStowageFolder(t);
	const taken = createServer().listen(0, '127.0.0.1');
	t.teardown(() => taken.close());
	await once(taken, 'listening');
	const {port} = taken.address() as {port: number};
	const server = run(['serve', '--listen', `127.0.0.1:${port}`]);
	t.is(await server.exit, 1);
	t.is(
		server.printed.stderr,
		`stowage: cannot listen on 127.0.0.1:${port}: another program listens there; stop it, or choose another port with --listen\n`,
	);
});

/** A driver that does what `create` says; `hold` is a call to the file system that takes a thread and never ends. */
async function writeDriver(folder: string, create: string): Promise<void> {
	await promisify(execFile)('mkfifo', [join(folder, 'pipe')]);
	const plugin = `import {open} from 'node:fs/promises';
const hold = () => void open('pipe', 'r');
const options = {type: 'object'};
export default {name: 'odd', api: 1, storageDrivers: [{type: 'odd', options, create: async () => {${create}}}]};
`;
	await writeFile(join(folder, 'package.json'), '{"type": "module"}');
	await writeFile(join(folder, 'odd.js'), plugin);
	const yaml = 'plugins: [./odd.js]\nstorages: {default: {driver: odd}}\nbootstrap: {repositories: {}}\n';
	await writeFile(join(folder, 'stowage.yaml'), yaml);
}

for (const [what, left, code] of [
	['a timer', 'setInterval(() => undefined, 1000)', 1],
	['a call that does not end', 'hold()', null],
] as const) {
	test.serial(`a start that failed ends, though its driver leaves ${what} behind`, async t => {
		const {folder, run} = await makeStowageFolder(t);
		await writeDriver(folder, `${left}; throw new Error('no such bucket')`);
		const server = run([...anyPort, '--config', 'stowage.yaml']);
		t.is(await server.exit, code);
		t.regex(server.printed.stderr, /^stowage: storage "default" cannot be opened: no such bucket\n$/);
	});
}

test.serial('a start that does not come to its end heeds the signals', async t => {
	const {folder, run} = await makeStowageFolder(t);
	await writeDriver(folder, `hold(); console.error('opening'); await new Promise(() => undefined)`);
	const server = run([...anyPort, '--config', 'stowage.yaml']);
	while (!server.printed.stderr.includes('opening')) {
		await wait(20);
	}
	server.kill('SIGTERM');
	t.not(await server.exit, 0);
	t.is(server.printed.stderr, 'opening\nstowage: told to stop before everything was open\n');
});

test.serial('a data folder that cannot be made is told', async t => {
	const {folder, run} = await makeStowageFolder(t);
	await writeFile(join(folder, 'data'), 'a file');
	const server = run(anyPort);
	t.is(await server.exit, 1);
	t.regex(server.printed.stderr, /^stowage: cannot use the data folder .*\n$/);
});

test.serial(
	'repositories of the configuration are made later too, as long as the password is the initial one',
	async t => {
		const {folder, run} = await makeStowageFolder(t);
		const file = join(folder, 'stowage.yaml');
		const environment = {STOWAGE_ADMIN_PASSWORD: 'correct horse battery', STOWAGE_CONFIG: file};
		for (const repositories of ['{a: {type: local}}', '{a: {type: local}, b: {type: local}}']) {
			await writeFile(file, `bootstrap: {repositories: ${repositories}}\n`);
			const server = run(anyPort, environment);
			await server.listening();
			server.kill('SIGTERM');
			t.is(await server.exit, 0);
			const made = server.printed.stdout.split('\n').filter(line => line.includes('repository made'));
			t.is(made.length, 1);
		}
	},
);

test.serial('a bound port is listened on as well, and means its repository', async t => {
	const {folder, run} = await makeStowageFolder(t);
	const other = createServer().listen(0, '127.0.0.1');
	await once(other, 'listening');
	const {port} = other.address() as {port: number};
	other.close();
	await writeFile(join(folder, 'stowage.yaml'), `bindings: [{port: ${port}, repositories: {v2: docker-local}}]\n`);
	const environment = {STOWAGE_ADMIN_PASSWORD: 'correct horse battery'};
	const server = run([...anyPort, '--config', 'stowage.yaml'], environment);
	await server.listening();
	const headers = {authorization: basic('correct horse battery')};
	const started = await fetch(`http://127.0.0.1:${port}/v2/image/blobs/uploads/`, {method: 'POST', headers});
	t.is(started.status, 202);
	t.regex(started.headers.get('location') ?? '', /^\/v2\/image\/blobs\/uploads\//);
});
