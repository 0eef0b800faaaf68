import {join} from 'node:path';
import {freePort, type Stowage, startStowage} from '@stowage/test-servers';
import {registryProgram} from '@stowage/test-servers/registry-program';
import test, {type ExecutionContext} from 'ava';
import {DockerDaemon} from './engines/docker-daemon.ts';
import {
	type Certificate,
	type ProxyProgram,
	makeCertificate,
	proxyPrograms,
	startPrintedProxy,
} from './engines/printed-proxy.ts';
import {buildForPlatforms, runnableContext} from './images.ts';
import {Workbench} from './workbench.ts';

const usualHost = 'registry.test';
const keys = ['docker', 'docker-local'];

interface PrintedWorld {
	readonly bench: Workbench;
	readonly registry: Stowage;
	readonly certificate: Certificate;
	readonly credentials: readonly [user: string, password: string];
	/** Registry and what stands before an image, by the method. */
	readonly addresses: Readonly<
		Record<'path' | 'subdomain' | 'port', {readonly registry: string; readonly prefix: string}>
	>;
}

/** A registry with a local and a virtual repository behind a proxy with the configuration that it prints itself. */
async function openPrintedWorld(t: ExecutionContext, program: ProxyProgram, host = usualHost): Promise<PrintedWorld> {
	const subdomains = keys.map(key => `${key}.${host}`);
	const bench = await Workbench.open([host, ...subdomains]);
	t.teardown(() => bench.close());
	const certificate = await makeCertificate(bench, [usualHost, host, ...subdomains]);
	const folder = join(bench.folder, 'registry');
	const registry = await startStowage({folder, configuration});
	t.teardown(() => registry.process.stop());
	const [httpsPort, dockerPort, localPort] = [await freePort(), await freePort(), await freePort()];
	const command = [registryProgram.program, ...registryProgram.parameters, 'proxy-config', program];
	const options = {
		config: join(folder, 'stowage.yml'),
		data: join(folder, 'data'),
		listen: `127.0.0.1:${registry.port}`,
		host,
		address: '127.0.0.1',
		certificate: certificate.certificate,
		key: certificate.key,
		'https-port': String(httpsPort),
	};
	const ports = ['--port', `docker=${dockerPort}`, '--port', `docker-local=${localPort}`];
	const given = Object.entries(options).flatMap(([name, value]) => [`--${name}`, value]);
	const printed = await bench.run(command.concat(given, ports));
	const url = `https://${host}:${httpsPort}/v2/`;
	const proxy = await startPrintedProxy(bench, program, {printed, certificate: certificate.certificate, url});
	t.teardown(() => proxy.stop());
	return {
		bench,
		registry,
		certificate,
		credentials: ['admin', registry.password],
		addresses: {
			path: at(`${host}:${httpsPort}`, '/docker'),
			subdomain: at(`docker.${host}:${httpsPort}`),
			port: at(`${host}:${dockerPort}`),
		},
	};
}

function at(registry: string, path = '') {
	return {registry, prefix: `${registry}${path}`};
}

const configuration = {
	plugins: ['@stowage/filesystem', '@stowage/local', '@stowage/virtual'],
	trustedProxies: ['127.0.0.1'],
	accelRedirect: {prefix: '/stowage-files'},
	bootstrap: {
		repositories: {
			'docker-local': {type: 'local'},
			docker: {
				type: 'virtual',
				options: {repositories: ['docker-local'], defaultDeploymentRepo: 'docker-local'},
			},
		},
	},
};

for (const program of proxyPrograms) {
	test(`clients push and pull through ${program} as it is printed, by each method`, async t => {
		const {bench, certificate, addresses, credentials} = await openPrintedWorld(t, program);
		const [user, password] = credentials;
		const trust = ['--cert-dir', certificate.authority];
		await buildForPlatforms(bench, 'many', 'proxied');
		for (const [method, {registry, prefix}] of Object.entries(addresses)) {
			const image = `docker://${prefix}/team/${method}:1`;
			const signIn = ['skopeo', 'login', ...trust, '--username', user, '--password-stdin', registry];
			await bench.run(signIn, {input: password});
			await bench.run(['buildah', 'manifest', 'push', '--quiet', '--all', ...trust, 'many', image]);
			const back = `dir:${bench.folder}/${method}`;
			await bench.run(['skopeo', 'copy', '--all', '--quiet', '--src-cert-dir', certificate.authority, image, back]);
			const tags = await bench.run(['skopeo', 'list-tags', ...trust, `docker://${prefix}/team/${method}`]);
			t.deepEqual((JSON.parse(tags) as {Tags: string[]}).Tags, ['1']);
		}
	});
}

test('docker pushes, pulls and runs an image through nginx as it is printed, by each method', async t => {
	const {bench, certificate, addresses, credentials} = await openPrintedWorld(t, 'nginx');
	const [user, password] = credentials;
	bench.environment['SSL_CERT_FILE'] = certificate.certificate;
	const daemon = await DockerDaemon.start(bench);
	t.teardown(() => daemon.stop());
	for (const [method, {registry, prefix}] of Object.entries(addresses)) {
		const image = `${prefix}/team/${method}:1`;
		await daemon.docker(['build', '--quiet', '--tag', image, await runnableContext(bench, 'docker', `by ${method}`)]);
		await daemon.docker(['login', '--username', user, '--password-stdin', registry], {input: password});
		await daemon.docker(['push', '--quiet', image]);
		await daemon.docker(['image', 'prune', '--all', '--force']);
		t.is(await daemon.docker(['run', '--rm', '--network', 'none', image]), `by ${method}`);
	}
});

test('nginx sends blobs and parts of them itself, with the headers of the registry', async t => {
	const {bench, registry, certificate, addresses, credentials} = await openPrintedWorld(t, 'nginx');
	const {registry: address} = addresses.subdomain;
	const call = (...parameters: string[]) =>
		bench.run(
			['curl', '--silent', '--show-error', '--fail-with-body', '--cacert', certificate.certificate].concat(
				['--user', credentials.join(':')],
				parameters,
			),
		);
	const digest = 'sha256:5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03';
	const upload = `https://${address}/v2/team/blob/blobs/uploads/?digest=${digest}`;
	await call(
		'--request',
		'POST',
		'--data-binary',
		'hello\n',
		'--header',
		'Content-Type: application/octet-stream',
		upload,
	);
	const blob = `https://${address}/v2/team/blob/blobs/${digest}`;
	const whole = await call('--include', blob);
	t.regex(whole, /^HTTP\/1.1 200/);
	t.regex(whole, new RegExp(`^docker-content-digest: ${digest}\r$`, 'im'));
	t.regex(whole, new RegExp(`^etag: "${digest}"\r$`, 'im'));
	t.regex(whole, /^content-type: application\/octet-stream\r$/im);
	t.regex(whole, /^content-length: 6\r$/im);
	t.regex(whole, /^last-modified:/im);
	t.notRegex(whole, /x-accel-redirect/i);
	t.true(whole.endsWith('\r\n\r\nhello'));
	const part = await call('--include', '--range', '1-3', blob);
	t.regex(part, /^HTTP\/1.1 206/);
	t.regex(part, /^content-range: bytes 1-3\/6\r$/im);
	t.true(part.endsWith('\r\n\r\nell'));
	t.true((await call('--range', '1-3', '--header', `If-Range: "${digest}"`, blob)).endsWith('ell'));
	t.is(await call('--range', '1-3', '--header', 'If-Range: "sha256:other"', blob), 'hello');
	t.is(
		await call('--output', '/dev/null', '--write-out', '%{http_code}', '--header', `If-None-Match: "${digest}"`, blob),
		'304',
	);
	t.notRegex(whole, /^oci-namespace:/im);
	t.regex(await call('--include', `${blob}?ns=docker.io`), /^oci-namespace: docker.io\r$/im);
	const direct = await call('--include', `${registry.url}/v2/docker/team/blob/blobs/${digest}`);
	t.true(direct.endsWith('\r\n\r\nhello'));
	const file = `https://${address}/stowage-files/blobs/sha256/58/${digest.slice(7)}`;
	const status = ['--output', '/dev/null', '--write-out', '%{http_code}'];
	t.is(await bench.run(['curl', '--silent', '--cacert', certificate.certificate, ...status, file]), '404');
});

/** The shortest domain below which `docker-local` does not fit into nginx's tables of names any more, and a very long one. */
for (const host of ['registry.internal.mycompany.test-x', `${'a-very-long-name.'.repeat(10)}registry.internal.test`]) {
	test(`nginx takes names that are as long as docker-local.${host}`, async t => {
		const world = await openPrintedWorld(t, 'nginx', host);
		const {bench, certificate, addresses, credentials} = world;
		const status = ['curl', '--silent', '--cacert', certificate.certificate, '--user', credentials.join(':')];
		const ask = (url: string) => bench.run([...status, '--write-out', '%{http_code}', url]);
		for (const {prefix, registry} of Object.values(addresses)) {
			t.regex(await ask(`https://${registry}/v2/`), /200$/);
			const [address = '', key] = prefix.split('/');
			const image = `https://${address}/v2/${key === undefined ? '' : `${key}/`}team/none/tags/list`;
			t.regex(await ask(image), /NAME_UNKNOWN.*404$/);
		}
		const {registry} = addresses.subdomain;
		const local = `https://${registry.replace('docker.', 'docker-local.')}/v2/team/none/tags/list`;
		t.regex(await ask(local), /"name":"team\/none".*404$/);
	});
}
