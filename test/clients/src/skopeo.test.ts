import {readdir} from 'node:fs/promises';
import {join} from 'node:path';
import test, {type ExecutionContext} from 'ava';
import {CommandError} from './command.ts';
import {buildForPlatforms, platforms} from './images.ts';
import {readManifest} from './registry-client.ts';
import {type Address, openRegistryWorld, type RegistryWorld, waysOfAddressing} from './registry-world.ts';

const insecure = {source: '--src-tls-verify=false', target: '--dest-tls-verify=false', only: '--tls-verify=false'};

interface SkopeoWorld extends RegistryWorld {
	/** An image for six platforms, in an OCI layout. */
	readonly layout: string;
}

async function openSkopeoWorld(t: ExecutionContext, configuration: object = {}): Promise<SkopeoWorld> {
	const world = await openRegistryWorld(t, configuration);
	const layout = `oci:${join(world.bench.folder, 'layout')}:many`;
	await buildForPlatforms(world.bench, 'many', 'one of many');
	await world.bench.run(['buildah', 'manifest', 'push', '--quiet', '--all', '--format', 'oci', 'many', layout]);
	return {...world, layout};
}

function skopeo({bench}: RegistryWorld, ...parameters: string[]): Promise<string> {
	return bench.run(['skopeo', ...parameters]);
}

function login(
	{bench, credentials}: RegistryWorld,
	{registry}: Address,
	password = credentials.password,
): Promise<string> {
	const command = ['skopeo', 'login', insecure.only, '--username', credentials.user, '--password-stdin', registry];
	return bench.run(command, {input: password});
}

for (const way of waysOfAddressing) {
	test(`skopeo copies an image for many platforms there and back without a changed byte by ${way}`, async t => {
		const world = await openSkopeoWorld(t);
		const address = world.address[way];
		const image = `docker://${address.prefix}/team/many:1`;
		await login(world, address);
		await skopeo(world, 'copy', '--all', '--quiet', insecure.target, world.layout, image);
		const back = `oci:${join(world.bench.folder, 'back')}:many`;
		await skopeo(world, 'copy', '--all', '--quiet', insecure.source, image, back);
		t.is(await skopeo(world, 'inspect', '--raw', back), await skopeo(world, 'inspect', '--raw', world.layout));
		const blobs = async (folder: string) =>
			(await readdir(join(world.bench.folder, folder, 'blobs/sha256'))).toSorted();
		t.deepEqual(await blobs('back'), await blobs('layout'));
		const stored = await readManifest(world, 'team/many', '1');
		t.is(stored.manifest.manifests?.length, platforms.length);
	});
}

test('skopeo inspects what it asks for: the raw index, and the image of a platform', async t => {
	const world = await openSkopeoWorld(t);
	const {prefix} = world.address.path;
	await login(world, world.address.path);
	await skopeo(world, 'copy', '--all', '--quiet', insecure.target, world.layout, `docker://${prefix}/many:1`);
	const raw = await world.bench.runRaw(['skopeo', 'inspect', insecure.only, '--raw', `docker://${prefix}/many:1`]);
	const stored = await readManifest(world, 'many', '1');
	t.deepEqual(JSON.parse(raw.toString()), stored.manifest);
	const inspect = ['--override-arch', 's390x', 'inspect', insecure.only, `docker://${prefix}/many:1`];
	const seen = JSON.parse(await skopeo(world, ...inspect)) as {Architecture: string; RepoTags: string[]};
	t.is(seen.Architecture, 's390x');
	t.deepEqual(seen.RepoTags, ['1']);
});

test('skopeo lists the tags that were pushed', async t => {
	const world = await openSkopeoWorld(t);
	const {prefix} = world.address.path;
	await login(world, world.address.path);
	for (const tag of ['b', 'A', '1.0', 'a']) {
		await skopeo(world, 'copy', '--quiet', insecure.target, world.layout, `docker://${prefix}/listed:${tag}`);
	}
	const list = await skopeo(world, 'list-tags', insecure.only, `docker://${prefix}/listed`);
	t.deepEqual((JSON.parse(list) as {Tags: string[]}).Tags.toSorted(), ['1.0', 'A', 'a', 'b']);
});

test('skopeo finds a tag for each platform of an index, and is told of a tag that is not to be moved', async t => {
	const options = {platformTags: true, immutableTags: ['v*']};
	const world = await openSkopeoWorld(t, {bootstrap: {repositories: {'docker-local': {type: 'local', options}}}});
	const image = `docker://${world.address.path.prefix}/team/many`;
	await login(world, world.address.path);
	await skopeo(world, 'copy', '--all', '--quiet', insecure.target, world.layout, `${image}:v1`);
	const list = JSON.parse(await skopeo(world, 'list-tags', insecure.only, image)) as {Tags: string[]};
	t.is(list.Tags.length, platforms.length + 1);
	const one = JSON.parse(await skopeo(world, 'inspect', insecure.only, `${image}:v1-linux-s390x`));
	t.like(one, {Architecture: 's390x', Os: 'linux'});
	const error = await t.throwsAsync(
		skopeo(world, 'copy', '--quiet', insecure.source, insecure.target, `${image}:v1-linux-s390x`, `${image}:v1`),
		{instanceOf: CommandError},
	);
	t.regex(error?.message ?? '', /immutable tags can neither be moved nor deleted/);
});

test('what skopeo deletes is gone, and nothing else is', async t => {
	const world = await openSkopeoWorld(t);
	const {prefix} = world.address.path;
	await login(world, world.address.path);
	await skopeo(world, 'copy', '--all', '--quiet', insecure.target, world.layout, `docker://${prefix}/doomed:1`);
	await skopeo(world, 'copy', '--all', '--quiet', insecure.target, world.layout, `docker://${prefix}/kept:1`);
	const {digest} = await readManifest(world, 'doomed', '1');
	await skopeo(world, 'delete', insecure.only, `docker://${prefix}/doomed:1`);
	t.is((await readManifest(world, 'doomed', '1')).status, 404);
	t.is((await readManifest(world, 'doomed', digest)).status, 404);
	await t.throwsAsync(skopeo(world, 'inspect', insecure.only, `docker://${prefix}/doomed:1`), {
		instanceOf: CommandError,
	});
	t.is((await readManifest(world, 'kept', digest)).status, 200);
});

test('skopeo synchronises a folder of images into the registry and out of it', async t => {
	const world = await openSkopeoWorld(t);
	const {prefix, registry} = world.address.path;
	const folders = {into: join(world.bench.folder, 'into'), out: join(world.bench.folder, 'out')};
	await login(world, world.address.path);
	await world.bench.run(['mkdir', folders.into, folders.out]);
	for (const tag of ['1', '2']) {
		await skopeo(world, 'copy', '--all', '--quiet', world.layout, `dir:${folders.into}/synced:${tag}`);
	}
	await skopeo(world, 'sync', '--all', '--src', 'dir', '--dest', 'docker', insecure.target, folders.into, prefix);
	const image = `${registry}/docker-local/synced`;
	await skopeo(world, 'sync', '--all', '--src', 'docker', '--dest', 'dir', insecure.source, image, folders.out);
	for (const tag of ['1', '2']) {
		const [out, into] = [await readdir(`${folders.out}/synced:${tag}`), await readdir(`${folders.into}/synced:${tag}`)];
		t.deepEqual(out.toSorted(), into.toSorted());
	}
});

test('skopeo pushes zstd layers, which come back as they were', async t => {
	const world = await openSkopeoWorld(t);
	const image = `docker://${world.address.path.prefix}/zstd:1`;
	await login(world, world.address.path);
	const compressed = ['--dest-compress-format', 'zstd'];
	await skopeo(world, 'copy', '--quiet', insecure.target, ...compressed, world.layout, image);
	const {manifest} = await readManifest(world, 'zstd', '1');
	t.true(
		manifest.layers!.every(({mediaType}) => mediaType.endsWith('+zstd')),
		JSON.stringify(manifest.layers),
	);
	await skopeo(world, 'copy', '--quiet', insecure.source, image, `dir:${join(world.bench.folder, 'zstd')}`);
	for (const {digest} of manifest.layers!) {
		const file = join(world.bench.folder, 'zstd', digest.replace('sha256:', ''));
		t.is(await world.bench.run(['sha256sum', file]), `${digest.replace('sha256:', '')}  ${file}`);
	}
});

test('skopeo turns an image from OCI to Docker form and back in the registry', async t => {
	const world = await openSkopeoWorld(t);
	const {prefix} = world.address.path;
	await login(world, world.address.path);
	await skopeo(world, 'copy', '--quiet', insecure.target, world.layout, `docker://${prefix}/form:oci`);
	const both = [insecure.source, insecure.target];
	const copy = (format: string, from: string, to: string) =>
		skopeo(
			world,
			'copy',
			'--quiet',
			'--format',
			format,
			...both,
			`docker://${prefix}/form:${from}`,
			`docker://${prefix}/form:${to}`,
		);
	await copy('v2s2', 'oci', 'docker');
	await copy('oci', 'docker', 'oci-again');
	const docker = await readManifest(world, 'form', 'docker');
	t.is(docker.type, 'application/vnd.docker.distribution.manifest.v2+json');
	const [first, again] = [await readManifest(world, 'form', 'oci'), await readManifest(world, 'form', 'oci-again')];
	t.is(again.type, 'application/vnd.oci.image.manifest.v1+json');
	t.deepEqual(again.manifest.layers, first.manifest.layers);
});

test('skopeo is told that a password is wrong, and lets nobody read without one', async t => {
	const world = await openSkopeoWorld(t);
	const {path} = world.address;
	await t.throwsAsync(login(world, path, 'wrong'), {instanceOf: CommandError});
	const copy = skopeo(world, 'copy', insecure.target, world.layout, `docker://${path.prefix}/secret:1`);
	const error = await t.throwsAsync(copy, {instanceOf: CommandError});
	t.regex(error.output, /unauthorized|authentication (is )?required/i);
	t.is((await readManifest(world, 'secret', '1')).status, 404);
});
