import {parseImageName} from '@stowage/core';
import {blobFixture} from '@stowage/testing';
import test from 'ava';
import {app, openVirtualWorld, v1, virtual} from './fixtures/virtual-world.ts';

const other = parseImageName('other/app');
const page = {limit: 10};
const refused = {code: 'DENIED', status: 403};

test('a repository gives and takes only what its patterns let it have, and deletes the rest', async t => {
	const world = await openVirtualWorld(t, {local: {}});
	const {push, metadata, repositories, as} = world;
	await push('local', ['v1']);
	const {manifest, config} = await push('local', ['v1'], other);
	const definition = (await metadata.definitions.find('local'))!;
	await metadata.definitions.update({...definition, options: {includesPattern: '**', excludesPattern: 'other/**'}});
	await repositories.refresh();
	const local = (await repositories.get('local'))!;
	const writer = local.writer!;
	t.truthy(await local.findManifest(app, v1, as));
	for (const call of [
		() => local.findManifest(other, v1, as),
		() => local.findBlob(other, config.digest, as),
		() => local.openBlob(other, config.digest, as),
		() => local.listTags(other, page, as),
		() => local.listReferrers(other, config.digest, page, as),
		() => writer.startUpload(other, as),
		() => writer.findUpload(other, 'x', as),
		() => writer.mountBlob(other, config.digest, undefined, as),
		() => writer.putManifest(other, {...manifest, tags: []}, as),
	]) {
		t.like(await t.throwsAsync(call), refused);
	}
	t.deepEqual(await local.listImages(page, as), {items: [app]});
	const secret = blobFixture();
	t.is(await writer.mountBlob(app, secret.digest, undefined, as), undefined);
	t.true(await writer.deleteTag(other, v1.tag, as));
	t.true(await writer.deleteManifest(other, manifest.digest, as));
});

test('a blob that only an image has which is left out is mounted from nowhere', async t => {
	const {pushBlob, repository, as, metadata, repositories} = await openVirtualWorld(t, {local: {}});
	const blob = blobFixture();
	await pushBlob('local', blob, other);
	t.truthy(await repository.writer!.mountBlob(parseImageName('team/first'), blob.digest, undefined, as));
	const second = blobFixture();
	await pushBlob('local', second, other);
	const definition = (await metadata.definitions.find('local'))!;
	await metadata.definitions.update({...definition, options: {excludesPattern: 'other/**'}});
	await repositories.refresh();
	const {writer} = (await repositories.get('local'))!;
	t.is(await writer!.mountBlob(app, second.digest, undefined, as), undefined);
});

test('a virtual repository asks the next member for what one leaves out, and pushes nothing to one that does', async t => {
	const {docker, push, as} = await openVirtualWorld(t, {
		docker: virtual(['dark', 'narrow', 'last'], {defaultDeploymentRepo: 'narrow'}),
		dark: {options: {blackedOut: true}},
		narrow: {options: {includesPattern: 'team/**'}},
		last: {},
	});
	await push('last', ['v1'], other);
	await push('narrow', ['v1']);
	t.is((await docker.findManifest(other, v1, as))?.repository, 'last');
	t.is((await docker.findManifest(app, v1, as))?.repository, 'narrow');
	t.deepEqual(await docker.listTags(other, page, as), {items: [v1.tag]});
	t.deepEqual(await docker.listImages(page, as), {items: [other, app]});
	t.like(await t.throwsAsync(docker.writer!.startUpload(other, as)), refused);
});

test('a virtual repository has patterns of its own', async t => {
	const {docker, push, as} = await openVirtualWorld(t, {
		docker: virtual(['local'], {includesPattern: 'team/**', defaultDeploymentRepo: 'local'}),
		local: {},
	});
	await push('local', ['v1'], other);
	await push('local', ['v1']);
	t.deepEqual(await docker.listImages(page, as), {items: [app]});
	t.like(await t.throwsAsync(docker.findManifest(other, v1, as)), refused);
	t.like(await t.throwsAsync(docker.writer!.startUpload(other, as)), refused);
});

test('one that is blacked out gives and takes nothing, lists nothing, and is back at once when it is not', async t => {
	const {push, metadata, repositories, as} = await openVirtualWorld(t, {local: {}});
	await push('local', ['v1']);
	const change = async (blackedOut: boolean) => {
		const definition = (await metadata.definitions.find('local'))!;
		await metadata.definitions.update({...definition, options: {blackedOut}});
		await repositories.refresh();
		return (await repositories.get('local'))!;
	};
	const dark = await change(true);
	t.like(await t.throwsAsync(dark.findManifest(app, v1, as)), refused);
	t.like(await t.throwsAsync(dark.writer!.startUpload(app, as)), refused);
	t.deepEqual(await dark.listImages(page, as), {items: []});
	t.truthy(await (await change(false)).findManifest(app, v1, as));
});
