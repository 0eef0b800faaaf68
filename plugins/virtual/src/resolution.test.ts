import {parseTagName} from '@stowage/core';
import test from 'ava';
import {app, fetching, openVirtualWorld, v1, virtual} from './fixtures/virtual-world.ts';

test('what is local answers before what fetches, whatever the order', async t => {
	const {docker, as, push, upstreams} = await openVirtualWorld(t, {
		docker: virtual(['hub', 'local']),
		hub: fetching('upstream'),
		local: {},
		upstream: {},
	});
	const {manifest} = await push('local', ['v1']);
	await push('upstream', ['v1', 'v2']);
	const found = await docker.findManifest(app, v1, as);
	t.like(found, {repository: 'local', manifest: {digest: manifest.digest}});
	t.deepEqual(upstreams.asked, []);
	t.is((await docker.findManifest(app, {tag: parseTagName('v2')}, as))?.repository, 'hub');
});

test('what is stored answers before anything is fetched, each in its order', async t => {
	const {docker, as, push, get, upstreams} = await openVirtualWorld(t, {
		docker: virtual(['one', 'other']),
		one: fetching('first'),
		other: fetching('second'),
		first: {},
		second: {},
	});
	await push('first', ['v1']);
	await push('second', ['v1']);
	await (await get('other')).findManifest(app, v1, as);
	upstreams.asked.length = 0;
	t.is((await docker.findManifest(app, v1, as))?.repository, 'other');
	t.deepEqual(upstreams.asked, ['one stored', 'other stored']);
	upstreams.asked.length = 0;
	t.is(await docker.findManifest(app, {tag: parseTagName('none')}, as), undefined);
	t.deepEqual(upstreams.asked, ['one stored', 'other stored', 'one fetch', 'other fetch']);
});

test('members with priority are asked first, even for what they must fetch', async t => {
	const {docker, as, push} = await openVirtualWorld(t, {
		docker: virtual(['local', 'hub', 'chosen']),
		local: {},
		hub: fetching('upstream', true),
		chosen: {options: {priorityResolution: true}},
		upstream: {},
	});
	await push('local', ['v1', 'v2', 'v3']);
	await push('upstream', ['v1', 'v2']);
	await push('chosen', ['v1']);
	const from = async (tag: string) => (await docker.findManifest(app, {tag: parseTagName(tag)}, as))?.repository;
	t.deepEqual([await from('v1'), await from('v2'), await from('v3')], ['chosen', 'hub', 'local']);
});

test('members of a virtual member stand in its place, each once', async t => {
	const {docker, as, upstreams, push} = await openVirtualWorld(t, {
		docker: virtual(['dev', 'inner', 'hub', 'last']),
		inner: virtual(['prod', 'hub', 'dev']),
		dev: {},
		prod: {},
		last: {},
		hub: fetching('upstream'),
		upstream: {},
	});
	await push('prod', ['v1']);
	await push('last', ['v1']);
	t.is((await docker.findManifest(app, v1, as))?.repository, 'prod');
	await docker.findManifest(app, {tag: parseTagName('none')}, as);
	t.deepEqual(upstreams.asked, ['hub stored', 'hub fetch']);
});

test('what is asked of the whole only as far as it is stored is asked so of its members', async t => {
	const {docker, as, push, upstreams} = await openVirtualWorld(t, {
		docker: virtual(['hub']),
		hub: fetching('upstream'),
		upstream: {},
	});
	await push('upstream', ['v1']);
	t.is(await docker.findManifest(app, v1, {...as, storedOnly: true}), undefined);
	t.is(await docker.listTags(app, {limit: 5}, {...as, storedOnly: true}), undefined);
	t.deepEqual(upstreams.asked, ['hub stored', 'hub stored']);
});

test('blobs are asked for first where the manifest of the image was', async t => {
	const {docker, as, push, upstreams} = await openVirtualWorld(t, {
		docker: virtual(['one', 'other', 'last']),
		one: fetching('first'),
		other: fetching('second'),
		last: fetching('third'),
		first: {},
		second: {},
		third: {},
	});
	const image = await push('third', ['v1']);
	await docker.findManifest(app, v1, as);
	upstreams.asked.length = 0;
	t.is((await docker.findBlob(app, image.config.digest, as))?.repository, 'last');
	t.deepEqual(upstreams.asked, ['last stored', 'one stored', 'other stored', 'last fetch']);
	upstreams.asked.length = 0;
	const content = await docker.openBlob(app, image.config.digest, as);
	t.is(content?.size, image.config.bytes.length);
	if (content?.kind === 'bytes') {
		content.body.destroy();
	}
	t.deepEqual(upstreams.asked, ['last stored']);
});

test('a change of a member, or of what a virtual member is made of, counts from the next request on', async t => {
	const {docker, as, push, metadata, repositories} = await openVirtualWorld(t, {
		docker: virtual(['inner', 'local']),
		inner: virtual([]),
		other: {},
		local: {},
	});
	await push('local', ['v1']);
	await push('other', ['v1']);
	t.is((await docker.findManifest(app, v1, as))?.repository, 'local');
	const inner = (await metadata.definitions.find('inner'))!;
	await metadata.definitions.update({...inner, options: {repositories: ['other']}});
	await repositories.refresh();
	t.is((await docker.findManifest(app, v1, as))?.repository, 'other');
	const local = (await metadata.definitions.find('local'))!;
	await metadata.definitions.update({...local, options: {priorityResolution: true}});
	await repositories.refresh();
	t.is((await docker.findManifest(app, v1, as))?.repository, 'local');
});

test('a client of a mirror is answered by members that serve the registry it means, and by those that have all themselves', async t => {
	const {docker, as, push, upstreams} = await openVirtualWorld(t, {
		docker: virtual(['hub', 'other', 'local']),
		local: {},
		hub: fetching('first', false, ['docker.io']),
		other: fetching('second', false, ['ghcr.io']),
		first: {},
		second: {},
	});
	await push('first', ['v1', 'v2']);
	await push('second', ['v1']);
	await push('local', ['v3']);
	t.is((await docker.findManifest(app, v1, {...as, namespace: 'ghcr.io'}))?.repository, 'other');
	t.is((await docker.findManifest(app, v1, {...as, namespace: 'docker.io'}))?.repository, 'hub');
	t.is(await docker.findManifest(app, {tag: parseTagName('v2')}, {...as, namespace: 'ghcr.io'}), undefined);
	t.is((await docker.findManifest(app, {tag: parseTagName('v3')}, {...as, namespace: 'ghcr.io'}))?.repository, 'local');
	const tags = await docker.listTags(app, {limit: 9}, {...as, namespace: 'ghcr.io'});
	t.deepEqual(tags?.items.map(String), ['v1', 'v3']);
	t.false(upstreams.asked.slice(0, 2).some(question => question.startsWith('hub')));
});
