import {createHash} from 'node:crypto';
import test from 'ava';
import {makeTar} from './fixtures/make-tar.ts';
import {openMigrationWorld, pullImage} from './fixtures/migration-world.ts';
import {emptyLayer, fileLayer} from './fixtures/v1-registry.ts';

function sha256(bytes: Buffer): string {
	return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}

test('what the JSON of the first engines lacks or says otherwise is put right', async t => {
	const {registry, migrate, repository} = await openMigrationWorld(t);
	const config = {Cmd: 'run', Entrypoint: null, Volumes: {'/data': null}, Labels: {a: 'b'}, Memory: 0};
	const json = {os: '', architecture: undefined, created: undefined, config, container_config: undefined};
	registry.tag('first', '1', registry.add({layer: fileLayer('a', 'b'), json}));
	t.deepEqual((await migrate()).failed, []);
	const pulled = await pullImage(repository, 'first', '1');
	t.like(pulled.config, {os: 'linux', architecture: 'amd64', created: '0001-01-01T00:00:00Z'});
	t.like(pulled.config['config'], {
		Cmd: ['run'],
		Entrypoint: null,
		Volumes: {'/data': {}},
		Labels: {a: 'b'},
		Memory: 0,
	});
	t.deepEqual(pulled.config.history, [{created: '0001-01-01T00:00:00Z'}]);
});

test('an image in which nothing changes any file has one layer, the empty one', async t => {
	const {registry, migrate, repository} = await openMigrationWorld(t);
	const base = registry.add({layer: makeTar([])});
	registry.tag('bare', '1', registry.add({parent: base, layer: Buffer.alloc(0)}));
	t.deepEqual((await migrate()).failed, []);
	const {layers, config} = await pullImage(repository, 'bare', '1');
	t.deepEqual(layers, [emptyLayer]);
	t.deepEqual(config.rootfs.diff_ids, [sha256(makeTar([]))]);
	t.deepEqual(
		config.history.map(({empty_layer: empty}) => empty),
		[true, undefined],
	);
});

test('images in a circle, and more of them than any engine can run, are refused', async t => {
	const {registry, migrate} = await openMigrationWorld(t);
	const one = registry.add({layer: emptyLayer});
	const other = registry.add({parent: one, layer: emptyLayer});
	registry.images.set(one, {json: Buffer.from(JSON.stringify({id: one, parent: other})), layer: emptyLayer});
	registry.tag('circle', '1', other);
	let parent = registry.add({layer: emptyLayer});
	for (let count = 0; count < 500; count++) {
		parent = registry.add({parent, layer: emptyLayer});
	}
	registry.tag('tower', '1', parent);
	const {failed} = await migrate();
	t.regex(failed[0]?.reason ?? '', /is below itself/);
	t.regex(failed[1]?.reason ?? '', /more than 500 images below/);
});
