import {appendFile, mkdir, mkdtemp, rename, rm, symlink, writeFile} from 'node:fs/promises';
import {spawnSync} from 'node:child_process';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import test, {type ExecutionContext} from 'ava';
import {openMigrationWorld, pullImage} from './fixtures/migration-world.ts';
import {emptyLayer, fileLayer} from './fixtures/v1-registry.ts';
import {writeRegistryFolder} from './fixtures/write-registry-folder.ts';
import {FolderSource} from './folder-source.ts';

async function open(t: ExecutionContext) {
	const folder = await mkdtemp(join(tmpdir(), 'stowage-v1-folder-'));
	t.teardown(() => rm(folder, {recursive: true, force: true}));
	const world = await openMigrationWorld(t);
	const {registry} = world;
	const base = registry.add({layer: fileLayer('base', 'base')});
	const empty = registry.add({parent: base, layer: emptyLayer});
	const top = registry.add({parent: empty, layer: fileLayer('top', 'top')});
	registry.tag('library/busybox', 'latest', top);
	registry.tag('team/app', '1.0', top);
	registry.tag('team/app', '2.0', base);
	await writeRegistryFolder(folder, registry);
	const image = (id: string, file = '') => join(folder, 'images', id, file);
	return {...world, folder, base, empty, top, image, from: async () => ({from: await FolderSource.open(folder)})};
}

test('a folder of the first docker-registry is brought over as the registry itself is', async t => {
	const {migrate, from, repository, registry} = await open(t);
	const {tags, failed} = await migrate(await from());
	t.deepEqual(failed, []);
	t.deepEqual(
		tags.map(({image, tag}) => `${image}:${tag}`),
		['busybox:latest', 'team/app:1.0', 'team/app:2.0'],
	);
	t.deepEqual((await pullImage(repository, 'team/app', '1.0')).layers, [
		fileLayer('base', 'base'),
		fileLayer('top', 'top'),
	]);
	const again = await migrate(await from());
	t.deepEqual([again.layers, again.tags.every(({unchanged}) => unchanged)], [0, true]);
	t.true((await migrate({image: 'team/app'})).tags.every(({unchanged}) => unchanged));
	t.is(registry.opened.length, 3);
});

test('links, odd names and pipes in the folder are refused by name, and the rest goes on', async t => {
	const {migrate, from, folder, base, top, image, registry} = await open(t);
	const secret = join(folder, '..', `secret-${process.pid}`);
	await writeFile(secret, fileLayer('secret', 'secret'));
	t.teardown(() => rm(secret, {force: true}));
	const repositories = join(folder, 'repositories');
	await symlink(join(repositories, 'team'), join(repositories, 'linked'));
	await symlink(join(repositories, 'team/app'), join(repositories, 'team/linked'));
	await symlink(join(repositories, 'team/app/tag_1.0'), join(repositories, 'team/app/tag_linked'));
	await mkdir(join(repositories, 'team/app/tag_folder'));
	await writeFile(join(repositories, 'team/app/tag_nothing'), 'no id');
	await writeFile(join(repositories, 'team/app/tag_a b'), top);
	await mkdir(join(repositories, 'team/..hidden'));
	await writeFile(join(repositories, 'team/..hidden/tag_1'), top);
	await writeFile(join(repositories, '.DS_Store'), 'x');
	const made = ['layer', 'json', 'folder', 'pipe', 'unfinished'].map(name => {
		const id = registry.add({parent: base, layer: fileLayer(name, name)});
		registry.tag('team/odd', name, id);
		return id;
	});
	await writeRegistryFolder(folder, registry);
	const [layer = '', json = '', moved = '', pipe = '', unfinished = ''] = made;
	await rm(image(layer, 'layer'));
	await symlink(secret, image(layer, 'layer'));
	await rm(image(json, 'json'));
	await symlink('/etc/passwd', image(json, 'json'));
	await rename(image(moved), join(folder, 'moved'));
	await symlink(join(folder, 'moved'), image(moved));
	await rm(image(pipe, 'layer'));
	t.is(spawnSync('mkfifo', [image(pipe, 'layer')]).status, 0);
	await writeFile(image(unfinished, '_inprogress'), '');
	const {tags, failed} = await migrate(await from());
	t.deepEqual(
		tags.map(({image, tag}) => `${image}:${tag}`),
		['busybox:latest', 'team/app:1.0', 'team/app:2.0'],
	);
	const told = Object.fromEntries(
		failed.map(({image, tag, reason}) => [tag === undefined ? image : `${image}:${tag}`, reason]),
	);
	const expected: Readonly<Record<string, RegExp>> = {
		linked: /is a link/,
		'team/linked': /is a link/,
		'team/app:linked': /is a link/,
		'team/app:folder': /is no file/,
		'team/app:nothing': /names no image/,
		'team/app:a b': /can ask for "a b"/,
		'team/..hidden:1': /can ask for "team\/\.\.hidden"/,
		'team/odd:layer': /is a link/,
		'team/odd:json': /is a link/,
		'team/odd:folder': /is a link, or behind one/,
		'team/odd:pipe': /is no file/,
		'team/odd:unfinished': /never pushed to its end/,
	};
	t.deepEqual(Object.keys(told).toSorted(), Object.keys(expected).toSorted());
	for (const [name, reason] of Object.entries(expected)) {
		t.regex(told[name] ?? '', reason, name);
	}
});

test('a layer that is not the one that was pushed, and an ancestry that is not that of the JSON, are refused', async t => {
	const {migrate, from, image, base, top} = await open(t);
	await appendFile(image(top, 'layer'), fileLayer('more', 'more'));
	await writeFile(image(base, 'ancestry'), JSON.stringify([base, top]));
	const {failed, tags} = await migrate(await from());
	t.deepEqual(tags, []);
	t.regex(failed.find(({tag}) => tag === '1.0')?.reason ?? '', /its checksum is another/);
	t.regex(failed.find(({tag}) => tag === '2.0')?.reason ?? '', /is not that of its JSON/);
});

test('a layer that is another one since is read again', async t => {
	const {migrate, from, image, top, base, repository} = await open(t);
	await migrate(await from());
	await writeFile(image(top, 'layer'), fileLayer('top', 'another one'));
	await rm(image(top, '_checksum'));
	const {tags, layers} = await migrate(await from());
	t.is(layers, 1);
	t.deepEqual(
		tags.map(({unchanged}) => unchanged),
		[false, false, true],
	);
	t.deepEqual((await pullImage(repository, 'busybox', 'latest')).layers.at(-1), fileLayer('top', 'another one'));
	t.truthy(base);
});

test('what is no such folder is refused', async t => {
	const folder = await mkdtemp(join(tmpdir(), 'stowage-v1-folder-'));
	t.teardown(() => rm(folder, {recursive: true, force: true}));
	await writeFile(join(folder, 'file'), '');
	await t.throwsAsync(FolderSource.open(folder), {message: /neither images nor repositories/});
	await t.throwsAsync(FolderSource.open(join(folder, 'file')), {message: /is no folder/});
	await t.throwsAsync(FolderSource.open(join(folder, 'none')), {code: 'ENOENT'});
});
