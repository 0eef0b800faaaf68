import {createHash, randomBytes} from 'node:crypto';
import {readdir} from 'node:fs/promises';
import {join} from 'node:path';
import {startStowage} from '@stowage/test-servers';
import test, {type ExecutionContext} from 'ava';
import {DockerDaemon} from './engines/docker-daemon.ts';
import {buildForPlatforms, runnableContext} from './images.ts';
import {readManifest} from './registry-client.ts';
import {type RegistryWorld, openRegistryWorld} from './registry-world.ts';
import {type RemoteStore, remoteStores} from './remote-stores.ts';

interface StoreWorld extends RegistryWorld {
	readonly store: RemoteStore;
	readonly configuration: object;
	readonly authorization: string;
}

async function openWorld(t: ExecutionContext, kind: string, redirect: boolean): Promise<StoreWorld> {
	const store = await remoteStores[kind]!();
	t.teardown(() => store.close());
	const {plugins, driver, options, parts} = store;
	const storages = {default: {driver, redirect, options}, ...parts};
	const configuration = {plugins: [...plugins, '@stowage/local'], storages};
	const world = await openRegistryWorld(t, configuration);
	const {user, password} = world.credentials;
	const authorization = `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
	await world.bench.run(
		['skopeo', 'login', '--tls-verify=false', '--username', user, '--password-stdin', world.address.path.registry],
		{input: password},
	);
	return {...world, store, configuration, authorization};
}

/** Sends and fetches an image for six platforms, and gives the digests on both sides. */
async function copyThereAndBack({bench, address}: StoreWorld) {
	const layout = `oci:${join(bench.folder, 'layout')}:many`;
	const back = `oci:${join(bench.folder, 'back')}:many`;
	const image = `docker://${address.path.prefix}/many:1`;
	await buildForPlatforms(bench, 'many', 'one of many');
	await bench.run(['buildah', 'manifest', 'push', '--quiet', '--all', '--format', 'oci', 'many', layout]);
	await bench.run(['skopeo', 'copy', '--all', '--quiet', '--dest-tls-verify=false', layout, image]);
	await bench.run(['skopeo', 'copy', '--all', '--quiet', '--src-tls-verify=false', image, back]);
	const blobs = async (folder: string) => (await readdir(join(bench.folder, folder, 'blobs/sha256'))).toSorted();
	return {sent: await blobs('layout'), came: await blobs('back')};
}

/** How the registry answers who asks for a layer and follows nothing. */
async function askForLayer(t: ExecutionContext, world: StoreWorld, image: string): Promise<void> {
	const {manifest} = await readManifest(world, image, '1');
	const layer = manifest.layers![0]!;
	const url = `${world.registry.url}/v2/docker-local/${image}/blobs/${layer.digest}`;
	const headers = {authorization: world.authorization};
	const head = await fetch(url, {method: 'HEAD', headers, redirect: 'manual'});
	t.is(head.status, 200);
	const size = Number(head.headers.get('content-length'));
	const asked = await fetch(url, {headers, redirect: 'manual'});
	const body = Buffer.from(await asked.arrayBuffer());
	const redirected = asked.status === 307;
	const answer = redirected ? await fetch(asked.headers.get('location') ?? '') : asked;
	const bytes = redirected ? Buffer.from(await answer.arrayBuffer()) : body;
	t.is(answer.status, 200);
	t.is(bytes.length, size);
	t.is(`sha256:${createHash('sha256').update(bytes).digest('hex')}`, layer.digest);
	const part = await fetch(url, {headers: {...headers, range: 'bytes=2-9'}});
	t.is(part.status, 206);
	t.true(Buffer.from(await part.arrayBuffer()).equals(bytes.subarray(2, 10)));
	const several = await fetch(url, {headers: {...headers, range: 'bytes=0-1,5-6'}, redirect: 'manual'});
	t.is(several.status, 206);
	await several.body?.cancel();
	t.is(redirected ? new URL(asked.headers.get('location') ?? '').origin : undefined, originOf(world));
}

function originOf({store, configuration}: StoreWorld): string | undefined {
	const {storages} = configuration as {storages: {default: {redirect: boolean}}};
	return storages.default.redirect ? store.origin : undefined;
}

for (const kind of Object.keys(remoteStores)) {
	for (const redirect of kind === 'sftp' ? [false] : [false, true]) {
		const how = redirect ? 'by redirect' : 'through the registry';

		test(`${kind}, ${how}: skopeo and podman push and pull what they had`, async t => {
			const world = await openWorld(t, kind, redirect);
			const {bench, address} = world;
			const {sent, came} = await copyThereAndBack(world);
			t.deepEqual(came, sent);
			const image = `${address.path.prefix}/hello:1`;
			const context = await runnableContext(bench, 'podman', `hello from ${kind}`);
			await bench.run(['podman', 'build', '--quiet', '--isolation', 'chroot', '--tag', image, context]);
			await bench.run(['podman', 'push', '--quiet', '--tls-verify=false', image]);
			await bench.run(['podman', 'rmi', '--force', image]);
			await bench.run(['podman', 'pull', '--quiet', '--tls-verify=false', image]);
			const run = ['podman', 'run', '--rm', '--pull', 'never', '--cgroup-parent', `/${bench.cgroup}`, image];
			t.is(await bench.run(run), `hello from ${kind}`);
			await askForLayer(t, world, 'hello');
		});

		test(`${kind}, ${how}: docker pushes and pulls what it had`, async t => {
			const world = await openWorld(t, kind, redirect);
			const {bench, address, credentials} = world;
			const daemon = await DockerDaemon.start(bench);
			t.teardown(() => daemon.stop());
			const {registry, prefix} = address.path;
			const image = `${prefix}/hello:1`;
			await daemon.docker(['build', '--quiet', '--tag', image, await runnableContext(bench, 'docker', 'from docker')]);
			const login = ['login', '--username', credentials.user, '--password-stdin', registry];
			await daemon.docker(login, {input: credentials.password});
			await daemon.docker(['push', '--quiet', image]);
			await daemon.docker(['rmi', '--force', image]);
			await daemon.docker(['pull', '--quiet', image]);
			t.is(await daemon.docker(['run', '--rm', '--network', 'none', image]), 'from docker');
		});
	}

	test(`${kind}: an upload in chunks is continued by another process after the first was killed`, async t => {
		const world = await openWorld(t, kind, false);
		const {registry, bench, configuration, authorization} = world;
		const bytes = randomBytes(23 * 1024 * 1024);
		const digest = `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
		const blobs = `${registry.url}/v2/docker-local/chunked/blobs/`;
		const started = await fetch(`${blobs}uploads/`, {method: 'POST', headers: {authorization}});
		let location = new URL(started.headers.get('location') ?? '', registry.url);
		const send = async (start: number, end: number) => {
			const answer = await fetch(location, {
				method: 'PATCH',
				headers: {authorization, 'content-type': 'application/octet-stream', 'content-range': `${start}-${end - 1}`},
				body: new Uint8Array(bytes.subarray(start, end)),
			});
			t.is(answer.status, 202);
			location = new URL(answer.headers.get('location') ?? '', registry.url);
		};
		await send(0, 9_000_001);
		await send(9_000_001, 9_000_008);
		await registry.process.kill();
		const next = await startStowage({folder: join(bench.folder, 'registry'), configuration, port: registry.port});
		t.teardown(() => next.process.stop());
		await send(9_000_008, 9_500_000);
		await send(9_500_000, bytes.length);
		location.searchParams.set('digest', digest);
		t.is((await fetch(location, {method: 'PUT', headers: {authorization}})).status, 201);
		const pulled = await fetch(`${blobs}${digest}`, {headers: {authorization}});
		t.true(Buffer.from(await pulled.arrayBuffer()).equals(bytes));
	});
}
