import {parseImageName} from '@stowage/core';
import test from 'ava';
import {app, fetching, openVirtualWorld, v1, virtual} from './fixtures/virtual-world.ts';

const other = parseImageName('other/app');
const page = {limit: 10};

test('what a virtual repository leaves out is not there in one that it is a member of', async t => {
	const {docker, push, as, get} = await openVirtualWorld(t, {
		docker: virtual(['middle']),
		middle: virtual(['inner']),
		inner: virtual(['local'], {excludesPattern: 'team/**'}),
		local: {},
	});
	const {manifest, config} = await push('local', ['v1']);
	const shown = await push('local', ['v1'], other);
	for (const repository of [docker, await get('middle')]) {
		t.is(await repository.findManifest(app, v1, as), undefined);
		t.is(await repository.findManifest(app, {digest: manifest.digest}, as), undefined);
		t.is(await repository.findBlob(app, config.digest, as), undefined);
		t.is(await repository.openBlob(app, config.digest, as), undefined);
		t.is(await repository.listTags(app, page, as), undefined);
		t.deepEqual((await repository.listReferrers(app, manifest.digest, page, as)).items, []);
		t.deepEqual((await repository.listImages(page, as)).items, [other]);
		t.deepEqual((await repository.findManifest(other, v1, as))?.manifest.digest, shown.manifest.digest);
		t.truthy(await repository.findBlob(other, shown.config.digest, as));
	}
});

test('patterns of a virtual repository that are changed count at once in those that it is a member of', async t => {
	const {docker, push, as, metadata, repositories} = await openVirtualWorld(t, {
		docker: virtual(['inner', 'last']),
		inner: virtual(['local'], {excludesPattern: 'team/**'}),
		local: {},
		last: {},
	});
	await push('local', ['v1']);
	await push('last', ['v1']);
	t.is((await docker.findManifest(app, v1, as))?.repository, 'last');
	const definition = (await metadata.definitions.find('inner'))!;
	await metadata.definitions.update({...definition, options: {repositories: ['local']}});
	await repositories.refresh();
	t.is((await docker.findManifest(app, v1, as))?.repository, 'local');
});

test('a member that is come to by several ways has what one of them leaves in', async t => {
	const {get, push, as} = await openVirtualWorld(t, {
		twice: virtual(['left', 'right']),
		direct: virtual(['left', 'local']),
		chained: virtual(['chain']),
		chain: virtual(['left'], {includesPattern: 'base/**'}),
		left: virtual(['local'], {excludesPattern: 'team/**,other/**'}),
		right: virtual(['local'], {includesPattern: 'team/**'}),
		local: {},
	});
	const base = parseImageName('base/app');
	for (const image of [app, other, base]) {
		await push('local', ['v1'], image);
	}
	for (const [key, images] of [
		['twice', [base, app]],
		['direct', [base, other, app]],
		['chained', [base]],
	] as const) {
		const repository = await get(key);
		t.deepEqual((await repository.listImages(page, as)).items, images, key);
		for (const image of [app, other, base]) {
			const found = await repository.findManifest(image, v1, as);
			t.is(
				found !== undefined,
				images.some(one => one === image),
				`${key} ${image}`,
			);
		}
	}
});

test('a member keeps its own rules behind those of others', async t => {
	const {docker, push, as} = await openVirtualWorld(t, {
		docker: virtual(['inner']),
		inner: virtual(['local', 'hub'], {includesPattern: 'team/**,other/**'}),
		local: {options: {excludesPattern: 'other/**'}},
		hub: fetching('upstream'),
		upstream: {},
	});
	await push('local', ['v1']);
	await push('upstream', ['v1'], other);
	t.is((await docker.findManifest(app, v1, as))?.repository, 'local');
	t.is((await docker.findManifest(other, v1, as))?.repository, 'hub');
});
