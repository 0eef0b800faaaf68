import {mkdir, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import test, {type ExecutionContext} from 'ava';
import {CommandError} from './command.ts';
import {DockerDaemon} from './engines/docker-daemon.ts';
import {runnableContext} from './images.ts';
import {readManifest} from './registry-client.ts';
import {openRegistryWorld, type RegistryWorld, waysOfAddressing} from './registry-world.ts';

interface ContainerdWorld extends RegistryWorld {
	readonly daemon: DockerDaemon;
	/** Options that tell who asks. */
	readonly signedIn: readonly string[];
}

async function openContainerdWorld(t: ExecutionContext): Promise<ContainerdWorld> {
	const world = await openRegistryWorld(t);
	const daemon = await DockerDaemon.start(world.bench);
	t.teardown(() => daemon.stop());
	return {...world, daemon, signedIn: ['--user', `${world.credentials.user}:${world.credentials.password}`]};
}

/** Puts an image that prints `line` into containerd's own store. */
async function importImage({bench, daemon}: ContainerdWorld, image: string, line: string): Promise<void> {
	const archive = join(bench.folder, 'archive.tar');
	await bench.run([
		'buildah',
		'bud',
		'--quiet',
		'--isolation',
		'chroot',
		'--tag',
		image,
		await runnableContext(bench, 'ctr', line),
	]);
	await bench.run(['buildah', 'push', '--quiet', image, `oci-archive:${archive}:${image}`]);
	await daemon.ctr(['images', 'import', archive]);
}

async function run({bench, daemon}: ContainerdWorld, image: string): Promise<string> {
	return daemon.ctr(['run', '--rm', '--cgroup', `/${bench.cgroup}/ctr`, image, 'hello']);
}

for (const way of waysOfAddressing) {
	test(`containerd pushes, pulls and runs an image by ${way}`, async t => {
		const world = await openContainerdWorld(t);
		const image = `${world.address[way].prefix}/team/hello:1`;
		await importImage(world, image, `hello by ${way}`);
		await world.daemon.ctr(['images', 'push', '--plain-http', ...world.signedIn, image]);
		await world.daemon.ctr(['images', 'rm', '--sync', image]);
		await world.daemon.ctr(['images', 'pull', '--plain-http', ...world.signedIn, image]);
		t.is(await run(world, image), `hello by ${way}`);
		t.regex(
			await world.daemon.ctr(['images', 'ls']),
			new RegExp((await readManifest(world, 'team/hello', '1')).digest),
		);
	});
}

for (const form of ['/api/docker/docker-local/v2', '/artifactory/api/docker/docker-local/v2']) {
	test(`containerd reaches a repository through ${form}`, async t => {
		const world = await openContainerdWorld(t);
		const host = 'images.example';
		const hosts = join(world.bench.folder, 'certs.d');
		await mkdir(join(hosts, host), {recursive: true});
		const server = `[host."${world.registry.url}${form}"]\ncapabilities = ["pull", "resolve", "push"]\noverride_path = true\n`;
		await writeFile(join(hosts, host, 'hosts.toml'), server);
		const image = `${host}/team/hello:1`;
		await importImage(world, image, 'hello through REST');
		await world.daemon.ctr(['images', 'push', '--hosts-dir', hosts, ...world.signedIn, image]);
		await world.daemon.ctr(['images', 'rm', '--sync', image]);
		await world.daemon.ctr(['images', 'pull', '--hosts-dir', hosts, ...world.signedIn, image]);
		t.is(await run(world, image), 'hello through REST');
		t.is((await readManifest(world, 'team/hello', '1')).status, 200);
	});
}

test('containerd neither pushes nor pulls without signing in', async t => {
	const world = await openContainerdWorld(t);
	const image = `${world.address.path.prefix}/secret:1`;
	await importImage(world, image, 'secret');
	await t.throwsAsync(world.daemon.ctr(['images', 'push', '--plain-http', image]), {instanceOf: CommandError});
	await world.daemon.ctr(['images', 'push', '--plain-http', ...world.signedIn, image]);
	await world.daemon.ctr(['images', 'rm', '--sync', image]);
	await t.throwsAsync(world.daemon.ctr(['images', 'pull', '--plain-http', image]), {instanceOf: CommandError});
});
