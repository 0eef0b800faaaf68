import {mkdir, readdir, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import test, {type ExecutionContext} from 'ava';
import {CommandError} from './command.ts';
import {DockerDaemon} from './engines/docker-daemon.ts';
import {buildForPlatforms, ownPlatform, platforms} from './images.ts';
import {boundHost, openRemoteWorld, type RemoteWorld, type UpstreamWish, upstreamWishes} from './remote-world.ts';

const plain = '--tls-verify=false';

/** With `library/hello:1` for six platforms at the upstream, which then asks for what is wished. */
async function openFilledWorld(t: ExecutionContext, wish?: UpstreamWish): Promise<RemoteWorld> {
	const world = await openRemoteWorld(t, wish);
	await buildForPlatforms(world.bench, 'many', 'hello from upstream');
	const target = `docker://${world.upstream}/library/hello:1`;
	await world.bench.run(['buildah', 'manifest', 'push', '--quiet', '--all', plain, 'many', target]);
	await world.close();
	return world;
}

function login(
	{bench, credentials, registry}: RemoteWorld,
	program: 'skopeo' | 'podman',
	host?: string,
): Promise<string> {
	const at = host ?? `127.0.0.1:${registry.port}`;
	const command = [program, 'login', plain, '--username', credentials.user, '--password-stdin', at];
	return bench.run(command, {input: credentials.password});
}

for (const wish of upstreamWishes) {
	test(`skopeo copies an image for many platforms through a remote whose upstream asks for ${wish}`, async t => {
		const world = await openFilledWorld(t, wish);
		await login(world, 'skopeo');
		const copy = (tag: string, folder: string) =>
			world.bench.run([
				'skopeo',
				'copy',
				'--all',
				'--quiet',
				'--src-tls-verify=false',
				`docker://${world.prefix}/library/hello:${tag}`,
				`dir:${join(world.bench.folder, folder)}`,
			]);
		await copy('1', 'first');
		await world.stopUpstream();
		await copy('1', 'again');
		const [first, again] = await Promise.all(
			['first', 'again'].map(async folder => (await readdir(join(world.bench.folder, folder))).toSorted()),
		);
		t.deepEqual(again, first);
		t.true((first?.length ?? 0) > 12);
	});

	test(`podman pulls and runs an image through a remote whose upstream asks for ${wish}`, async t => {
		const world = await openFilledWorld(t, wish);
		await login(world, 'podman', world.boundPrefix);
		const image = `${world.boundPrefix}/hello:1`;
		await world.bench.run(['podman', 'pull', '--quiet', plain, image]);
		const run = ['podman', 'run', '--rm', '--pull', 'never', '--cgroup-parent', `/${world.bench.cgroup}`, image];
		t.is(await world.bench.run(run), 'hello from upstream');
	});

	test(`docker pulls and runs an image through a remote whose upstream asks for ${wish}`, async t => {
		const world = await openFilledWorld(t, wish);
		const daemon = await DockerDaemon.start(world.bench);
		t.teardown(() => daemon.stop());
		const {user, password} = world.credentials;
		const host = `127.0.0.1:${world.registry.port}`;
		await daemon.docker(['login', '--username', user, '--password-stdin', host], {input: password});
		for (const name of ['library/hello', 'hello']) {
			const image = `${world.prefix}/${name}:1`;
			await daemon.docker(['pull', '--quiet', image]);
			t.is(await daemon.docker(['run', '--rm', '--network', 'none', image]), 'hello from upstream');
		}
		const error = await t.throwsAsync(daemon.docker(['push', `${world.prefix}/hello:1`]), {instanceOf: CommandError});
		t.regex(error.output, /remote repository/);
		const unknown = await t.throwsAsync(daemon.docker(['pull', `${world.prefix}/unknown:1`]), {
			instanceOf: CommandError,
		});
		t.regex(unknown.output, /manifest unknown|not found|denied/i);
	});
}

test('buildah, podman and skopeo pull by path, host, port and sub-domain of a remote, and through a virtual one', async t => {
	const world = await openFilledWorld(t);
	const {bench, prefix, boundPrefix, otherPrefixes} = world;
	for (const [index, place] of [prefix, boundPrefix, ...otherPrefixes].entries()) {
		const image = `${place}/hello:1`;
		await login(world, 'podman', place.split('/', 1)[0]);
		await bench.run(['buildah', 'rmi', '--all', '--force']);
		await bench.run(['buildah', 'pull', '--quiet', plain, image]);
		const container = await bench.run(['buildah', 'from', '--quiet', '--pull-never', image]);
		const cat = ['--isolation', 'chroot', container, '/bin/busybox', 'cat', '/platform'];
		t.is(await bench.run(['buildah', 'run', ...cat]), ownPlatform, image);
		await bench.run(['buildah', 'rm', container]);
		await bench.run(['podman', 'pull', '--quiet', plain, image]);
		const raw = JSON.parse(await bench.run(['skopeo', 'inspect', '--raw', plain, `docker://${image}`]));
		t.is((raw as {manifests: unknown[]}).manifests.length, platforms.length, image);
		if (index === 0) {
			// Wherever it is pulled from, it has been stored by now.
			await world.stopUpstream();
		}
	}
});

test('docker pulls by port and by sub-domain of a remote', async t => {
	const world = await openFilledWorld(t);
	const daemon = await DockerDaemon.start(world.bench);
	t.teardown(() => daemon.stop());
	const {user, password} = world.credentials;
	for (const place of world.otherPrefixes.slice(0, 2)) {
		await daemon.docker(['login', '--username', user, '--password-stdin', place], {input: password});
		await daemon.docker(['pull', '--quiet', `${place}/hello:1`]);
		t.is(await daemon.docker(['run', '--rm', '--network', 'none', `${place}/hello:1`]), 'hello from upstream');
	}
});

for (const [what, path] of [
	['at the root of the server', ''],
	['under its path', '/v2/hub'],
	['under its own host', undefined],
] as const) {
	test(`containerd takes a remote ${what} for a mirror of Docker Hub`, async t => {
		const world = await openFilledWorld(t);
		const daemon = await DockerDaemon.start(world.bench);
		t.teardown(() => daemon.stop());
		const hosts = join(world.bench.folder, 'certs.d');
		await mkdir(join(hosts, 'docker.io'), {recursive: true});
		const server = path === undefined ? `http://${boundHost}:${world.registry.port}` : `${world.registry.url}${path}`;
		const override = path ? 'override_path = true\n' : '';
		const toml = `server = "http://127.0.0.1:1"\n[host."${server}"]\ncapabilities = ["pull", "resolve"]\n${override}`;
		await writeFile(join(hosts, 'docker.io', 'hosts.toml'), toml);
		const user = ['--user', `${world.credentials.user}:${world.credentials.password}`];
		await daemon.ctr(['images', 'pull', '--hosts-dir', hosts, ...user, 'docker.io/library/hello:1']);
		const run = ['run', '--rm', '--cgroup', `/${world.bench.cgroup}/ctr`, 'docker.io/library/hello:1', 'hello'];
		t.is(await daemon.ctr(run), 'hello from upstream');
	});
}
