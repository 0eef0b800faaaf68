import {mkdir, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {gzipSync} from 'node:zlib';
import {RegistryClient, V1Client, type V1ImageFixture, v1Image} from '@stowage/test-spec';
import test, {type ExecutionContext} from 'ava';
import {makeDebianTar} from './debian-tree.ts';
import {DockerDaemon} from './engines/docker-daemon.ts';
import {listMadeTree, listTree} from './file-tree.ts';
import {runnableContext} from './images.ts';
import {type RegistryWorld, openRegistryWorld} from './registry-world.ts';
import type {Workbench} from './workbench.ts';

const repositories = {
	'docker-local': {type: 'local'},
	old: {type: 'local', options: {dockerApiVersion: 'V1'}},
};

/** As the first engines had it for steps that change no file. */
const emptyLayer = Buffer.from('H4sIAAAJbogA/2IYBaNgFIxYAAgAAP//Lq+17wAEAAA=', 'base64');
const tags = ['1', '2', '3', 'stable', 'latest'];

/** Programs, links of both kinds, marks of what is deleted, a pipe, rights and names of many kinds. */
const changes = `
cd "$1"
mkdir -p srv usr/bin usr/share/base-files "srv/$(printf 'deep/%.0s' $(seq 30))"
printf '#!/bin/sh\\necho "$GREETING from $(cat /srv/link)"\\n' >srv/hello.sh
chmod 755 srv/hello.sh
ln srv/hello.sh srv/hard
ln -s /etc/debian_version srv/link
printf x >"srv/$(printf 'deep/%.0s' $(seq 30))file"
printf x >'srv/ümläut and space'
: >srv/empty
cp srv/hello.sh srv/suid
chmod 4755 srv/suid
chown 1234:4321 srv/empty
mkfifo srv/pipe
: >usr/bin/.wh.sha512sum
: >usr/share/base-files/.wh..wh..opq
printf new >usr/share/base-files/new
`;

/** What an engine makes of both layers, one above the other. */
const applied = `
tar --extract --numeric-owner --directory "$3" --file "$1"
rm -f "$3/usr/bin/sha512sum"
rm -rf "$3/usr/share/base-files"
tar --extract --numeric-owner --directory "$3" --exclude '.wh.*' --file "$2"
`;

interface Made {
	/** The lowest first. */
	readonly images: readonly V1ImageFixture[];
	/** A folder with what they add up to. */
	readonly tree: string;
}

async function makeImages(bench: Workbench): Promise<Made> {
	const [layers, changed, tree] = ['layers', 'changed', 'tree'].map(name => join(bench.folder, name)) as [
		string,
		string,
		string,
	];
	for (const folder of [layers, changed, tree]) {
		await mkdir(folder);
	}
	const debian = await makeDebianTar(bench);
	await bench.run(['sh', '-c', changes, 'sh', changed]);
	const change = await bench.runRaw(['tar', '--create', '--directory', changed, '--file', '-', 'srv', 'usr']);
	await writeFile(join(layers, 'debian.tar'), debian);
	await writeFile(join(layers, 'change.tar'), change);
	await bench.run(['sh', '-c', applied, 'sh', join(layers, 'debian.tar'), join(layers, 'change.tar'), tree]);
	const config = {Cmd: ['/srv/hello.sh'], Env: ['PATH=/usr/bin:/bin', 'GREETING=hello'], WorkingDir: '/'};
	// Plain tars are what the first engines sent, and gzip what came after.
	const base = v1Image({layer: debian, more: {architecture: 'amd64', author: 'ann'}});
	const empty = v1Image({parent: base.id, layer: emptyLayer, more: {config}});
	const top = v1Image({
		parent: empty.id,
		layer: gzipSync(change),
		more: {config, container_config: {Cmd: ['step', '2']}},
	});
	const last = v1Image({parent: top.id, layer: emptyLayer, more: {config, Size: 0}});
	return {images: [base, empty, top, last], tree};
}

async function makeBusybox(bench: Workbench): Promise<V1ImageFixture> {
	const context = await runnableContext(bench, 'v1', 'busybox');
	const tar = await bench.runRaw(['tar', '--create', '--directory', context, '--file', '-', 'busybox']);
	return v1Image({layer: gzipSync(tar), more: {config: {Entrypoint: ['/busybox'], Cmd: ['echo', 'busybox']}}});
}

async function openWorld(t: ExecutionContext) {
	const world = await openRegistryWorld(t, {bootstrap: {repositories}});
	const {registry, credentials} = world;
	const authorization = `Basic ${Buffer.from(`${credentials.user}:${credentials.password}`).toString('base64')}`;
	const client = new RegistryClient(registry.url, {authorization});
	t.teardown(() => client.close());
	const migrate = async (body: object = {}) => {
		const headers = {'content-type': 'application/json'};
		const sent = JSON.stringify({targetRepo: 'docker-local', dockerRepository: '', tag: '', ...body});
		return client.request('POST', '/artifactory/api/docker/old/v1/migrate', {headers, body: sent});
	};
	return {...world, v1: new V1Client(client, '/api/docker/old/v1'), migrate, prefix: world.address.path.prefix};
}

test('images that were pushed by the first API are migrated, and docker and podman run them; their files are the same', async t => {
	const world = await openWorld(t);
	const {bench, v1, migrate, prefix} = world;
	const {images, tree} = await makeImages(bench);
	for (const tag of tags) {
		await v1.push('team/debian', images.slice(0, tag === '1' ? 3 : 4), tag);
	}
	await v1.push('library/busybox', [await makeBusybox(bench)]);
	const migrated = await migrate();
	t.is(migrated.status, 200, migrated.body.toString());
	t.is(migrated.body.toString(), 'Migration ended successfully: 6 tags brought over, 0 were there already\n');
	t.is((await migrate({dockerRepository: 'team/debian'})).body.toString().includes('5 were there already'), true);
	t.is((await v1.pull('team/debian', 'latest')).length, 4, 'the source is as it was');
	const expected = await listTree(bench, tree);
	t.true(expected.length > 500 && expected.some(line => line.startsWith('srv/suid f 4755')));
	await checkDocker(t, world, expected);
	await checkPodman(t, world, expected);
	t.log(`${expected.length} lines are the same below ${prefix}`);
});

async function checkDocker(t: ExecutionContext, world: RegistryWorld, expected: readonly string[]): Promise<void> {
	const {bench, credentials, address} = world;
	const {prefix, registry} = address.path;
	const daemon = await DockerDaemon.start(bench);
	t.teardown(() => daemon.stop());
	const login = ['login', '--username', credentials.user, '--password-stdin', registry];
	await daemon.docker(login, {input: credentials.password});
	await daemon.docker(['pull', '--quiet', '--all-tags', `${prefix}/team/debian`]);
	const version = await bench.run(['cat', '/etc/debian_version']);
	for (const tag of tags) {
		t.is(
			await daemon.docker(['run', '--rm', '--network', 'none', `${prefix}/team/debian:${tag}`]),
			`hello from ${version}`,
		);
	}
	t.is(await daemon.docker(['run', '--rm', '--network', 'none', `${prefix}/busybox`]), 'busybox');
	t.is(
		await daemon.docker(['image', 'inspect', '--format', '{{len .RootFS.Layers}}', `${prefix}/team/debian:latest`]),
		'2',
	);
	const container = await daemon.docker(['create', '--network', 'none', `${prefix}/team/debian:latest`]);
	const exported = join(bench.folder, 'exported');
	await mkdir(exported);
	await daemon.docker(['export', '--output', `${exported}.tar`, container]);
	await bench.run(['tar', '--extract', '--numeric-owner', '--directory', exported, '--file', `${exported}.tar`]);
	t.deepEqual(await listTree(bench, exported), expected);
}

async function checkPodman(t: ExecutionContext, world: RegistryWorld, expected: readonly string[]): Promise<void> {
	const {bench, credentials, address} = world;
	const image = `${address.path.prefix}/team/debian:stable`;
	const creds = ['--tls-verify=false', '--creds', `${credentials.user}:${credentials.password}`];
	await bench.run(['podman', 'pull', '--quiet', ...creds, image]);
	const run = ['podman', 'run', '--rm', '--pull', 'never', '--cgroup-parent', `/${bench.cgroup}`, image];
	t.regex(await bench.run(run), /^hello from /);
	t.deepEqual(await listMadeTree(bench, `podman image mount ${image}`), expected);
}
