import {mkdir, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import test from 'ava';
import {DockerDaemon} from './engines/docker-daemon.ts';
import {type VirtualWorld, holderOf, openVirtualWorld, pushUpstream} from './virtual-world.ts';

test('dockerd takes a virtual repository for a mirror of Docker Hub', async t => {
	const world = await openVirtualWorld(t);
	await pushUpstream(world, 'library/hello:1', 'mirrored');
	await pushUpstream(world, 'team/app:1', 'mirrored too');
	const daemon = await DockerDaemon.start(world.bench, ['--registry-mirror', `http://${world.dev}`]);
	t.teardown(() => daemon.stop());
	const run = (image: string) => daemon.docker(['run', '--rm', '--network', 'none', image]);
	t.is(await run('hello:1'), 'mirrored');
	t.is(await run('docker.io/team/app:1'), 'mirrored too');
	t.regex(await holderOf(world, 'dockerhub', 'library/hello', '1'), /^dockerhub/);
});

/** Places of the mirror as containerd is told them. */
const places: Readonly<Record<string, (world: VirtualWorld) => string>> = {
	'at a host of its own': ({dev}) => `[host."http://${dev}"]\ncapabilities = ["pull", "resolve"]\n`,
	'below a path': ({standard}) =>
		`[host."${standard.registry.url}/api/docker/docker-dev/v2"]\ncapabilities = ["pull", "resolve"]\noverride_path = true\n`,
	'below the path of Artifactory': ({standard}) =>
		`[host."${standard.registry.url}/artifactory/api/docker/docker-prod/v2"]\ncapabilities = ["pull", "resolve"]\noverride_path = true\n`,
};

for (const [place, hosts] of Object.entries(places)) {
	test(`containerd takes a virtual repository ${place} for a mirror of Docker Hub`, async t => {
		const world = await openVirtualWorld(t);
		const {bench} = world;
		await pushUpstream(world, 'library/hello:1', 'mirrored');
		const daemon = await DockerDaemon.start(bench);
		t.teardown(() => daemon.stop());
		const folder = join(bench.folder, 'certs.d');
		await mkdir(join(folder, 'docker.io'), {recursive: true});
		await writeFile(join(folder, 'docker.io/hosts.toml'), hosts(world));
		const image = 'docker.io/library/hello:1';
		await daemon.ctr(['images', 'pull', '--hosts-dir', folder, image]);
		t.is(await daemon.ctr(['run', '--rm', '--cgroup', `/${bench.cgroup}/ctr`, image, 'hello']), 'mirrored');
	});
}
