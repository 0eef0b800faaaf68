import {execFile, spawn} from 'node:child_process';
import {once} from 'node:events';
import {mkdtemp, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {promisify} from 'node:util';
import {PasswordServer, SftpServer} from '@stowage/test-servers/sftp';
import {silentLogger} from '@stowage/testing';
import test, {type ExecutionContext} from 'ava';
import {classifyError} from './errors.ts';
import type {SftpOptions} from './options.ts';
import {sftpDriver} from './sftp-driver-type.ts';

const otherFingerprint = `SHA256:${'A'.repeat(43)}`;

test('a key logs in: as text, from a file, or encrypted with a passphrase', async t => {
	const server = await startServer(t);
	const {privateKeyFile, encryptedKey, passphrase} = server;
	for (const given of [{}, {privateKey: undefined, privateKeyFile}, {privateKey: encryptedKey, passphrase}]) {
		await t.notThrowsAsync(open({...server.storageOptions(), ...given}));
	}
});

test('an encrypted key with a wrong passphrase or none is refused in words', async t => {
	const server = await startServer(t);
	for (const passphrase of [undefined, 'wrong']) {
		const options = {...server.storageOptions(), privateKey: server.encryptedKey, passphrase};
		t.is(await refusal(t, options, /Cannot parse privateKey/), 'denied');
	}
});

test('a key file that is not there is named', async t => {
	const server = await startServer(t);
	const options = {...server.storageOptions(), privateKey: undefined, privateKeyFile: '/nowhere/key'};
	t.is(await refusal(t, options, /cannot read "privateKeyFile".*\/nowhere\/key/), 'denied');
});

test('a key that the server does not know is refused at once', async t => {
	const server = await startServer(t);
	const other = await startServer(t);
	const options = {...server.storageOptions(), privateKey: other.privateKey};
	t.is(await refusal(t, options, /cannot log in: .*authentication/), 'denied');
});

test('an agent logs in with a key that it holds', async t => {
	const server = await startServer(t);
	const agent = await startAgent(t, server.privateKeyFile);
	await t.notThrowsAsync(open({...server.storageOptions(), privateKey: undefined, agent}));
});

test('an agent that is not there is told', async t => {
	const server = await startServer(t);
	const options = {...server.storageOptions(), privateKey: undefined, agent: '/nowhere/agent'};
	t.is(await refusal(t, options, /cannot log in/), 'denied');
});

for (const method of ['password', 'keyboard-interactive'] as const) {
	test(`a password logs in by the method ${method}, a wrong one does not`, async t => {
		const sshd = await startServer(t);
		const account = {username: 'keeper', password: 'open sesame', method};
		const server = await PasswordServer.start({...account, hostKey: sshd.hostKey});
		t.teardown(() => server.close());
		const login = {port: server.port, username: account.username, privateKey: undefined};
		const options = {...sshd.storageOptions(), ...login};
		await t.notThrowsAsync(open({...options, password: account.password}));
		t.is(await refusal(t, {...options, password: 'wrong'}, /cannot log in/), 'denied');
	});
}

test('a host key that is not configured is refused with the fingerprint to configure', async t => {
	const server = await startServer(t);
	for (const hostFingerprints of [[], [otherFingerprint]]) {
		const options = {...server.storageOptions(), hostFingerprints};
		const shown = new RegExp(
			`not trusted.*ssh-ed25519.*${server.hostFingerprint.replace(/[+/]/g, String.raw`\$&`)}.*"hostFingerprints"`,
		);
		t.is(await refusal(t, options, shown), 'denied');
	}
});

test('one of several configured host keys is enough', async t => {
	const server = await startServer(t);
	const hostFingerprints = [otherFingerprint, server.hostFingerprint];
	await t.notThrowsAsync(open({...server.storageOptions(), hostFingerprints}));
});

test('a login without anything to log in with is refused before connecting', async t => {
	const options = {...(await startServer(t)).storageOptions(), privateKey: undefined};
	await refusal(t, {...options, port: 1}, /"password", "privateKey", "privateKeyFile" or "agent"/);
	await refusal(
		t,
		{...options, port: 1, privateKey: 'a', privateKeyFile: 'b'},
		/both "privateKey" and "privateKeyFile"/,
	);
});

test('a host is reached through another, and both have to be trusted', async t => {
	const [gate, server] = [await startServer(t), await startServer(t)];
	const {host, port, username, privateKey, hostFingerprints} = gate.storageOptions();
	const jump = {host, port, username, privateKey, hostFingerprints};
	await t.notThrowsAsync(open({...server.storageOptions(), jump}));
	const strange = {...jump, hostFingerprints: server.storageOptions().hostFingerprints};
	t.is(
		await refusal(t, {...server.storageOptions(), jump: strange}, new RegExp(`${gate.port} is not trusted`)),
		'denied',
	);
	const unknown = {...server.storageOptions(), hostFingerprints, jump};
	t.is(await refusal(t, unknown, new RegExp(`${server.port} is not trusted`)), 'denied');
});

test('a jump host that cannot reach the server says so', async t => {
	const [gate, server] = [await startServer(t), await startServer(t)];
	const {host, port, username, privateKey, hostFingerprints} = gate.storageOptions();
	await server.stop();
	const jump = {host, port, username, privateKey, hostFingerprints};
	t.is(await refusal(t, {...server.storageOptions(), jump}, /Connection refused/), 'unavailable');
});

test('a closed driver leaves no connection, neither to the server nor to the jump host', async t => {
	const [gate, server] = [await startServer(t), await startServer(t)];
	const {host, port, username, privateKey, hostFingerprints} = gate.storageOptions();
	const jump = {host, port, username, privateKey, hostFingerprints};
	const driver = await sftpDriver.create({...server.storageOptions(), jump}, {name: 'remote', logger: silentLogger});
	t.deepEqual([await gate.connections(), await server.connections()], [1, 1]);
	await driver.close();
	for (const each of [gate, server]) {
		await t.notThrowsAsync(each.untilUnused());
	}
});

for (const [which, cut] of [
	['the server', 1],
	['the jump host', 0],
] as const) {
	test(`a connection that ${which} cut is made again through the jump host`, async t => {
		const servers = [await startServer(t), await startServer(t)] as const;
		const [gate, server] = servers;
		const {host, port, username, privateKey, hostFingerprints} = gate.storageOptions();
		const jump = {host, port, username, privateKey, hostFingerprints};
		// Nothing is found out by waiting.
		const options = {...server.storageOptions(), jump, timeoutSeconds: 600, keepaliveSeconds: 600};
		const driver = await sftpDriver.create(options, {name: 'remote', logger: silentLogger});
		for (let time = 0; time < 3; time += 1) {
			await servers[cut].killSessions();
			t.is(await driver.stat('a'), undefined);
		}
		await driver.close();
		for (const each of servers) {
			await t.notThrowsAsync(each.untilUnused(), 'no connection is left over');
		}
	});
}

async function startServer(t: ExecutionContext): Promise<SftpServer> {
	const server = await SftpServer.start();
	t.teardown(() => server.close());
	return server;
}

async function open(options: SftpOptions): Promise<void> {
	const driver = await sftpDriver.create(options, {name: 'remote', logger: silentLogger});
	try {
		await driver.check();
	} finally {
		await driver.close();
	}
}

/** How the refusal is classified, whose message has to be like `words`. */
async function refusal(t: ExecutionContext, options: SftpOptions, words: RegExp) {
	const error = await t.throwsAsync(open(options), {message: words});
	t.regex(error.message, /^storage "remote": cannot use the folder /);
	return classifyError(error.cause);
}

async function startAgent(t: ExecutionContext, keyFile: string): Promise<string> {
	const folder = await mkdtemp(join(tmpdir(), 'stowage-agent-'));
	const socket = join(folder, 'agent');
	const agent = spawn('ssh-agent', ['-D', '-a', socket], {stdio: ['ignore', 'pipe', 'ignore']});
	t.teardown(async () => {
		const ended = once(agent, 'exit');
		agent.kill();
		await ended;
		await rm(folder, {recursive: true, force: true});
	});
	await once(agent.stdout, 'data');
	await promisify(execFile)('ssh-add', ['-q', keyFile], {env: {...process.env, SSH_AUTH_SOCK: socket}});
	return socket;
}
