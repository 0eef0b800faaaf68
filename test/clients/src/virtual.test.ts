import test, {type ExecutionContext} from 'ava';
import {DockerDaemon} from './engines/docker-daemon.ts';
import {buildForPlatforms, runnableContext} from './images.ts';
import {type VirtualWorld, holderOf, openVirtualWorld, pushUpstream} from './virtual-world.ts';

const plain = '--tls-verify=false';

async function openDocker(t: ExecutionContext, world: VirtualWorld): Promise<DockerDaemon> {
	const daemon = await DockerDaemon.start(world.bench);
	t.teardown(() => daemon.stop());
	for (const registry of [world.dev, world.prod]) {
		const command = ['login', '--username', world.user, '--password-stdin', registry];
		await daemon.docker(command, {input: world.password});
	}
	return daemon;
}

test('docker pushes to a virtual repository, and pulls from it what it, the one in it and the upstream have', async t => {
	const world = await openVirtualWorld(t);
	const {bench, dev, prod} = world;
	const daemon = await openDocker(t, world);
	const run = (image: string) => daemon.docker(['run', '--rm', '--network', 'none', image]);
	for (const [host, line] of [
		[dev, 'from development'],
		[prod, 'from production'],
	] as const) {
		const image = `${host}/team/${host === dev ? 'dev' : 'prod'}:1`;
		await daemon.docker(['build', '--quiet', '--tag', image, await runnableContext(bench, 'docker', line)]);
		await daemon.docker(['push', '--quiet', image]);
	}
	await pushUpstream(world, 'library/hello:1', 'from Docker Hub');
	await daemon.docker(['image', 'prune', '--all', '--force']);
	t.is(await run(`${dev}/team/dev:1`), 'from development');
	t.is(await run(`${dev}/team/prod:1`), 'from production');
	t.is(await run(`${dev}/hello:1`), 'from Docker Hub');
	t.is(await run(`${prod}/library/hello:1`), 'from Docker Hub');
	t.is(await holderOf(world, 'docker-dev', 'team/dev', '1'), 'docker-dev-local2');
	t.is(await holderOf(world, 'docker-dev', 'team/prod', '1'), 'docker-prod-local2');
	const error = await t.throwsAsync(run(`${prod}/team/dev:1`));
	t.regex(error?.message ?? '', /not found|manifest unknown/);
});

test('docker pushes an image whose layers only another member has', async t => {
	const world = await openVirtualWorld(t);
	const {bench, dev, prod} = world;
	const daemon = await openDocker(t, world);
	const context = await runnableContext(bench, 'docker', 'promoted');
	await daemon.docker(['build', '--quiet', '--tag', `${prod}/team/app:1`, context]);
	await daemon.docker(['push', '--quiet', `${prod}/team/app:1`]);
	await daemon.docker(['tag', `${prod}/team/app:1`, `${dev}/team/app:2`]);
	t.regex(await daemon.docker(['push', `${dev}/team/app:2`]), /Layer already exists|Mounted from/);
	t.is(await holderOf(world, 'docker-dev-local2', 'team/app', '2'), 'docker-dev-local2');
	t.is(await holderOf(world, 'docker-dev-local2', 'team/app', '1'), '404');
	await daemon.docker(['image', 'prune', '--all', '--force']);
	t.is(await daemon.docker(['run', '--rm', '--network', 'none', `${dev}/team/app:2`]), 'promoted');
});

test('containerd pushes to a virtual repository while Docker Hub is down', async t => {
	const world = await openVirtualWorld(t);
	const {bench, standard, dev, user, password} = world;
	await pushUpstream(world, 'library/hello:1', 'from Docker Hub');
	const daemon = await DockerDaemon.start(bench);
	t.teardown(() => daemon.stop());
	const signedIn = ['--plain-http', '--user', `${user}:${password}`];
	await daemon.ctr(['images', 'pull', ...signedIn, `${dev}/library/hello:1`]);
	await daemon.ctr(['images', 'tag', `${dev}/library/hello:1`, `${dev}/team/app:1`]);
	await standard.upstream.process.stop();
	await daemon.ctr(['images', 'push', ...signedIn, `${dev}/team/app:1`]);
	t.is(await holderOf(world, 'docker-dev', 'team/app', '1'), 'docker-dev-local2');
});

test('podman, buildah and skopeo push to a virtual repository and pull from it and the one in it', async t => {
	const world = await openVirtualWorld(t);
	const {bench, dev, prod, user, password} = world;
	for (const registry of [dev, prod]) {
		const signIn = ['podman', 'login', plain, '--username', user, '--password-stdin', registry];
		await bench.run(signIn, {input: password});
	}
	await buildForPlatforms(bench, 'many', 'of production');
	await bench.run(['buildah', 'manifest', 'push', '--quiet', '--all', plain, 'many', `docker://${prod}/team/many:1`]);
	const raw = (image: string) => bench.runRaw(['skopeo', 'inspect', '--raw', plain, `docker://${image}`]);
	t.deepEqual(await raw(`${dev}/team/many:1`), await raw(`${prod}/team/many:1`));
	const [from, to] = [`docker://${dev}/team/many:1`, `docker://${dev}/team/copied:1`];
	const insecure = ['--src-tls-verify=false', '--dest-tls-verify=false'];
	await bench.run(['skopeo', 'copy', '--all', '--quiet', ...insecure, from, to]);
	t.is(await holderOf(world, 'docker-dev', 'team/copied', '1'), 'docker-dev-local2');
	t.deepEqual(await raw(`${dev}/team/copied:1`), await raw(`${prod}/team/many:1`));
	await pushUpstream(world, 'library/hello:1', 'from Docker Hub');
	for (const [image, line] of [
		[`${dev}/team/copied:1`, 'of production'],
		[`${dev}/hello:1`, 'from Docker Hub'],
	] as const) {
		await bench.run(['podman', 'pull', '--quiet', plain, image]);
		const run = ['podman', 'run', '--rm', '--pull', 'never', '--cgroup-parent', `/${bench.cgroup}`, image];
		t.is(await bench.run(run), line);
	}
	const tags = await bench.run(['skopeo', 'list-tags', plain, `docker://${dev}/team/many`]);
	t.deepEqual((JSON.parse(tags) as {Tags: string[]}).Tags, ['1']);
});
