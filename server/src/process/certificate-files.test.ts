import {once} from 'node:events';
import {copyFile, mkdtemp, rm, writeFile} from 'node:fs/promises';
import {Agent, get} from 'node:https';
import type {IncomingMessage} from 'node:http';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {text} from 'node:stream/consumers';
import {setTimeout as wait} from 'node:timers/promises';
import {connect, type TLSSocket} from 'node:tls';
import test, {type ExecutionContext} from 'ava';
import {ConfigError} from '../config/config-error.ts';
import {CertificateFiles} from './certificate-files.ts';
import {createLog} from './log.ts';
import {RegistryServer} from './registry-server.ts';

const fixtures = join(import.meta.dirname, 'fixtures');

async function makeFiles(t: ExecutionContext) {
	const folder = await mkdtemp(join(tmpdir(), 'stowage-tls-'));
	t.teardown(() => rm(folder, {recursive: true}));
	const lines: string[] = [];
	const logger = createLog({level: 'info', readable: false, destination: {write: line => lines.push(line)}});
	const paths = {certificate: join(folder, 'server.crt'), key: join(folder, 'server.key')};
	const put = async (name: string) => {
		await copyFile(join(fixtures, `${name}.key`), paths.key);
		await copyFile(join(fixtures, `${name}.crt`), paths.certificate);
	};
	await put('first');
	return {put, lines, logger, ...paths};
}

async function serve(t: ExecutionContext) {
	const files = await makeFiles(t);
	const certificate = await CertificateFiles.open({...files, checkEveryMs: 20});
	const server = await RegistryServer.listen({
		listen: [{host: '127.0.0.1', port: 0}],
		handler: (_incoming, response) => response.end('hello'),
		certificate,
		idleTimeoutSeconds: 5,
		logger: files.logger,
	});
	t.teardown(async () => {
		await server.stop({withinSeconds: 0});
		await certificate.close();
	});
	return {...files, port: server.addresses[0]?.port ?? 0};
}

/** Whose certificate a new connection is shown. */
async function shownAt(port: number): Promise<string> {
	const socket: TLSSocket = connect({port, host: '127.0.0.1', rejectUnauthorized: false});
	await once(socket, 'secureConnect');
	const {subject} = socket.getPeerCertificate();
	socket.destroy();
	return String(subject.CN);
}

async function eventually(t: ExecutionContext, check: () => boolean | Promise<boolean>): Promise<void> {
	for (let tries = 0; tries < 200; tries++) {
		if (await check()) {
			t.pass();
			return;
		}
		await wait(20);
	}
	t.fail('it never came');
}

test('a new certificate is shown to new connections, and those that are there go on', async t => {
	const {put, port} = await serve(t);
	const agent = new Agent({keepAlive: true, maxSockets: 1, rejectUnauthorized: false});
	t.teardown(() => agent.destroy());
	const ask = async () => {
		const [response] = (await once(get({port, host: '127.0.0.1', agent}), 'response')) as [IncomingMessage];
		await text(response);
		return response.socket;
	};
	const before = await ask();
	t.is(await shownAt(port), 'first.example');
	await put('second');
	await eventually(t, async () => (await shownAt(port)) === 'second.example');
	t.is(await ask(), before);
});

test('a certificate that does not fit its key leaves the one before in use', async t => {
	const {certificate, lines, port, put} = await serve(t);
	await copyFile(join(fixtures, 'second.crt'), certificate);
	await eventually(t, () => lines.some(line => line.includes('cannot be used')));
	t.is(await shownAt(port), 'first.example');
	await put('second');
	await eventually(t, async () => (await shownAt(port)) === 'second.example');
});

test('a file that is no certificate is a problem of the configuration', async t => {
	const files = await makeFiles(t);
	await writeFile(files.certificate, 'nothing');
	await t.throwsAsync(CertificateFiles.open(files), {
		instanceOf: ConfigError,
		message: /^tls: cannot use .*server\.crt/,
	});
});

test('a file that is not there is a problem of the configuration', async t => {
	const files = await makeFiles(t);
	await rm(files.key);
	await t.throwsAsync(CertificateFiles.open(files), {instanceOf: ConfigError, message: /ENOENT/});
});
