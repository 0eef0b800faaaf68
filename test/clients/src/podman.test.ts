import test from 'ava';
import {CommandError} from './command.ts';
import {runnableContext} from './images.ts';
import {readManifest} from './registry-client.ts';
import {type Address, openRegistryWorld, type RegistryWorld, waysOfAddressing} from './registry-world.ts';

const plain = '--tls-verify=false';

function podman({bench}: RegistryWorld, ...parameters: string[]): Promise<string> {
	return bench.run(['podman', ...parameters]);
}

async function build(world: RegistryWorld, image: string, line: string): Promise<void> {
	const context = await runnableContext(world.bench, 'podman', line);
	await podman(world, 'build', '--quiet', '--isolation', 'chroot', '--tag', image, context);
}

function run(world: RegistryWorld, image: string): Promise<string> {
	return podman(world, 'run', '--rm', '--pull', 'never', '--cgroup-parent', `/${world.bench.cgroup}`, image);
}

function login(
	{bench, credentials}: RegistryWorld,
	{registry}: Address,
	password = credentials.password,
): Promise<string> {
	const command = ['podman', 'login', plain, '--username', credentials.user, '--password-stdin', registry];
	return bench.run(command, {input: password});
}

for (const way of waysOfAddressing) {
	test(`podman signs in, pushes, pulls and runs an image by ${way}`, async t => {
		const world = await openRegistryWorld(t);
		const address = world.address[way];
		const image = `${address.prefix}/team/hello:1`;
		await build(world, image, `hello by ${way}`);
		t.regex(await login(world, address), /Login Succeeded/);
		await podman(world, 'push', '--quiet', plain, image);
		await podman(world, 'rmi', '--force', image);
		await podman(world, 'pull', '--quiet', plain, image);
		t.is(await run(world, image), `hello by ${way}`);
		const stored = await readManifest(world, 'team/hello', '1');
		t.is(await podman(world, 'image', 'inspect', '--format', '{{.Digest}}', image), stored.digest);
	});
}

test('podman is told that a password is wrong', async t => {
	const world = await openRegistryWorld(t);
	const error = await t.throwsAsync(login(world, world.address.path, 'wrong'), {instanceOf: CommandError});
	t.regex(error.output, /invalid username\/password/);
});

test('podman neither pushes nor pulls without signing in', async t => {
	const world = await openRegistryWorld(t);
	const image = `${world.address.path.prefix}/secret:1`;
	await build(world, image, 'secret');
	await t.throwsAsync(podman(world, 'push', plain, image), {instanceOf: CommandError});
	await login(world, world.address.path);
	await podman(world, 'push', '--quiet', plain, image);
	await podman(world, 'logout', world.address.path.registry);
	const error = await t.throwsAsync(podman(world, 'pull', plain, image), {instanceOf: CommandError});
	t.regex(error.output, /unauthorized|authentication (is )?required/i);
});

test('podman pushes in both formats, and runs what it pulls', async t => {
	const world = await openRegistryWorld(t);
	await login(world, world.address.path);
	const types = {
		oci: 'application/vnd.oci.image.manifest.v1+json',
		v2s2: 'application/vnd.docker.distribution.manifest.v2+json',
	};
	for (const [format, type] of Object.entries(types)) {
		const image = `${world.address.path.prefix}/formats:${format}`;
		await build(world, image, `as ${format}`);
		await podman(world, 'push', '--quiet', plain, '--format', format, image);
		await podman(world, 'rmi', '--force', image);
		await podman(world, 'pull', '--quiet', plain, image);
		t.is(await run(world, image), `as ${format}`);
		t.is((await readManifest(world, 'formats', format)).type, type);
	}
});
