import test from 'ava';
import {buildForPlatforms, ownPlatform, platforms, runnableContext} from './images.ts';
import {readManifest} from './registry-client.ts';
import {type Address, openRegistryWorld, type RegistryWorld, waysOfAddressing} from './registry-world.ts';

const plain = '--tls-verify=false';

function buildah({bench}: RegistryWorld, ...parameters: string[]): Promise<string> {
	return bench.run(['buildah', ...parameters]);
}

function login({bench, credentials}: RegistryWorld, {registry}: Address): Promise<string> {
	const command = ['buildah', 'login', plain, '--username', credentials.user, '--password-stdin', registry];
	return bench.run(command, {input: credentials.password});
}

function platformOf({os, architecture, variant}: {os: string; architecture: string; variant?: string}): string {
	return [os, architecture, ...(architecture === 'arm' ? [variant] : [])].join('/');
}

for (const way of waysOfAddressing) {
	test(`buildah pushes an image for six platforms, and runs its own by ${way}`, async t => {
		const world = await openRegistryWorld(t);
		const address = world.address[way];
		const image = `${address.prefix}/team/many:1`;
		await login(world, address);
		await buildForPlatforms(world.bench, 'many', 'one of many');
		await buildah(world, 'manifest', 'push', '--quiet', '--all', plain, 'many', `docker://${image}`);
		const {manifest} = await readManifest(world, 'team/many', '1');
		const pushed = manifest.manifests!.map(entry => platformOf(entry.platform!));
		t.deepEqual(pushed.toSorted(), platforms.toSorted());
		await buildah(world, 'rmi', '--all', '--force');
		const container = await buildah(world, 'from', '--quiet', plain, '--platform', ownPlatform, image);
		const said = await buildah(world, 'run', '--isolation', 'chroot', container, '/bin/busybox', 'cat', '/platform');
		t.is(said, ownPlatform);
	});
}

test('buildah builds on an image of the registry, and what it pushes shares the layers', async t => {
	const world = await openRegistryWorld(t);
	const {prefix} = world.address.path;
	await login(world, world.address.path);
	const context = await runnableContext(world.bench, 'buildah', 'the base');
	await buildah(world, 'bud', '--quiet', '--isolation', 'chroot', '--tag', `${prefix}/base:1`, context);
	await buildah(world, 'push', '--quiet', plain, `${prefix}/base:1`, `docker://${prefix}/base:1`);
	await buildah(world, 'rmi', '--all', '--force');
	const container = await buildah(world, 'from', '--quiet', plain, `${prefix}/base:1`);
	await buildah(world, 'run', '--isolation', 'chroot', container, '/bin/busybox', 'touch', '/made');
	await buildah(world, 'commit', '--quiet', plain, '--rm', container, `docker://${prefix}/child:1`);
	const [base, child] = [await readManifest(world, 'base', '1'), await readManifest(world, 'child', '1')];
	t.is(child.manifest.layers!.length, 2);
	t.is(child.manifest.layers![0]!.digest, base.manifest.layers![0]!.digest);
});
