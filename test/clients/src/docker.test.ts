import test, {type ExecutionContext} from 'ava';
import {CommandError} from './command.ts';
import {DockerDaemon} from './engines/docker-daemon.ts';
import {buildForPlatforms, runnableContext} from './images.ts';
import {readManifest} from './registry-client.ts';
import {type Address, openRegistryWorld, type RegistryWorld, waysOfAddressing} from './registry-world.ts';

interface DockerWorld extends RegistryWorld {
	readonly daemon: DockerDaemon;
}

async function openDockerWorld(t: ExecutionContext): Promise<DockerWorld> {
	const world = await openRegistryWorld(t);
	const daemon = await DockerDaemon.start(world.bench);
	t.teardown(() => daemon.stop());
	return {...world, daemon};
}

function login(
	{daemon, credentials}: DockerWorld,
	{registry}: Address,
	password = credentials.password,
): Promise<string> {
	return daemon.docker(['login', '--username', credentials.user, '--password-stdin', registry], {input: password});
}

async function build({bench, daemon}: DockerWorld, image: string, line: string): Promise<void> {
	await daemon.docker(['build', '--quiet', '--tag', image, await runnableContext(bench, 'docker', line)]);
}

function run({daemon}: DockerWorld, image: string): Promise<string> {
	return daemon.docker(['run', '--rm', '--network', 'none', image]);
}

for (const way of waysOfAddressing) {
	test(`docker signs in, pushes, pulls and runs an image by ${way}`, async t => {
		const world = await openDockerWorld(t);
		const address = world.address[way];
		const image = `${address.prefix}/team/hello:1`;
		await build(world, image, `hello by ${way}`);
		t.regex(await login(world, address), /Login Succeeded/);
		await world.daemon.docker(['push', '--quiet', image]);
		await world.daemon.docker(['rmi', '--force', image]);
		await world.daemon.docker(['pull', '--quiet', image]);
		t.is(await run(world, image), `hello by ${way}`);
		const stored = await readManifest(world, 'team/hello', '1');
		const known = await world.daemon.docker(['image', 'inspect', '--format', '{{index .RepoDigests 0}}', image]);
		t.is(known, `${address.prefix}/team/hello@${stored.digest}`);
	});
}

test('docker is told that a password is wrong', async t => {
	const world = await openDockerWorld(t);
	const error = await t.throwsAsync(login(world, world.address.path, 'wrong'), {instanceOf: CommandError});
	t.regex(error.output, /unauthorized/i);
});

test('docker neither pushes nor pulls without signing in', async t => {
	const world = await openDockerWorld(t);
	const image = `${world.address.path.prefix}/secret:1`;
	await build(world, image, 'secret');
	const refused = await t.throwsAsync(world.daemon.docker(['push', image]), {instanceOf: CommandError});
	t.notRegex(refused.output, /Retrying/);
	await login(world, world.address.path);
	await world.daemon.docker(['push', '--quiet', image]);
	await world.daemon.docker(['logout', world.address.path.registry]);
	await world.daemon.docker(['rmi', '--force', image]);
	const error = await t.throwsAsync(world.daemon.docker(['pull', image]), {instanceOf: CommandError});
	t.regex(error.output, /unauthorized/i);
});

test('docker overwrites a tag, and still pulls by digest what the tag named before', async t => {
	const world = await openDockerWorld(t);
	const {prefix} = world.address.path;
	await login(world, world.address.path);
	await build(world, `${prefix}/moving:latest`, 'first');
	await world.daemon.docker(['push', '--quiet', `${prefix}/moving:latest`]);
	const {digest} = await readManifest(world, 'moving', 'latest');
	await build(world, `${prefix}/moving:latest`, 'second');
	await world.daemon.docker(['push', '--quiet', `${prefix}/moving:latest`]);
	await world.daemon.docker(['image', 'prune', '--all', '--force']);
	t.is(await run(world, `${prefix}/moving:latest`), 'second');
	t.is(await run(world, `${prefix}/moving@${digest}`), 'first');
});

test('docker pushes to an image what another image has already, and pulls it from there', async t => {
	const world = await openDockerWorld(t);
	const {prefix} = world.address.path;
	await login(world, world.address.path);
	await build(world, `${prefix}/one:1`, 'shared');
	await world.daemon.docker(['push', '--quiet', `${prefix}/one:1`]);
	await world.daemon.docker(['tag', `${prefix}/one:1`, `${prefix}/other:1`]);
	t.regex(await world.daemon.docker(['push', `${prefix}/other:1`]), /Mounted from docker-local\/one/);
	await world.daemon.docker(['image', 'prune', '--all', '--force']);
	t.is(await run(world, `${prefix}/other:1`), 'shared');
});

test('docker pulls from an image for many platforms the one it asks for', async t => {
	const world = await openDockerWorld(t);
	const {prefix} = world.address.path;
	const image = `${prefix}/many:1`;
	await login(world, world.address.path);
	await buildForPlatforms(world.bench, 'many', 'one of many');
	const {user, password} = world.credentials;
	await world.bench.run([
		'buildah',
		'manifest',
		'push',
		'--quiet',
		'--all',
		'--tls-verify=false',
		'--creds',
		`${user}:${password}`,
		'many',
		`docker://${image}`,
	]);
	t.is(await run(world, image), 'one of many');
	await world.daemon.docker(['pull', '--quiet', '--platform', 'linux/s390x', image]);
	t.is(await world.daemon.docker(['image', 'inspect', '--format', '{{.Architecture}}', image]), 's390x');
});
