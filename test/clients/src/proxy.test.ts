import test, {type ExecutionContext} from 'ava';
import {type Proxy, startProxy} from './engines/proxy.ts';
import {buildForPlatforms} from './images.ts';
import {readManifest} from './registry-client.ts';
import {openRegistryWorld, type RegistryWorld} from './registry-world.ts';

interface ProxyWorld extends RegistryWorld {
	readonly proxy: Proxy;
}

async function openProxyWorld(t: ExecutionContext): Promise<ProxyWorld> {
	const world = await openRegistryWorld(t, {trustedProxies: ['127.0.0.1/32']});
	const proxy = await startProxy(world.bench, world.registry.url);
	t.teardown(() => proxy.process.stop());
	return {...world, proxy};
}

for (const [way, host, path] of [
	['path', 'localhost', '/docker-local'],
	['subdomain', 'docker-local.stowage.test', ''],
] as const) {
	test(`clients push and pull through a proxy that ends TLS by ${way}`, async t => {
		const world = await openProxyWorld(t);
		const {bench, proxy, credentials} = world;
		const registry = `${host}:${proxy.port}`;
		const image = `docker://${registry}${path}/proxied:1`;
		const signIn = [
			'skopeo',
			'login',
			'--cert-dir',
			proxy.authority,
			'--username',
			credentials.user,
			'--password-stdin',
		];
		await bench.run([...signIn, registry], {input: credentials.password});
		await buildForPlatforms(bench, 'many', 'proxied');
		await bench.run(['buildah', 'manifest', 'push', '--quiet', '--all', '--cert-dir', proxy.authority, 'many', image]);
		const raw = await bench.runRaw(['skopeo', 'inspect', '--raw', '--cert-dir', proxy.authority, image]);
		const stored = await readManifest(world, 'proxied', '1');
		t.is(stored.status, 200);
		t.deepEqual(JSON.parse(raw.toString()), stored.manifest);
		await bench.run([
			'skopeo',
			'copy',
			'--all',
			'--quiet',
			'--src-cert-dir',
			proxy.authority,
			image,
			`dir:${bench.folder}/back`,
		]);
	});
}

test('the challenge and the places of uploads name the scheme and port that the client speaks to', async t => {
	const {bench, proxy, credentials} = await openProxyWorld(t);
	const base = `https://localhost:${proxy.port}`;
	const curl = ['curl', '--silent', '--show-error', '--cacert', proxy.certificate, '--include', '--user'];
	const challenge = await bench.run([...curl, 'nobody:wrong', `${base}/v2/`]);
	t.regex(challenge, new RegExp(`www-authenticate: Bearer realm="${base}/v2/token"`, 'i'));
	const credentialsOfAdmin = `${credentials.user}:${credentials.password}`;
	const started = await bench.run([
		...curl,
		credentialsOfAdmin,
		'--request',
		'POST',
		`${base}/v2/docker-local/x/blobs/uploads/`,
	]);
	t.regex(started, new RegExp(`^location: (${base})?/v2/docker-local/x/blobs/uploads/`, 'im'));
});
