import {Readable} from 'node:stream';
import {everythingCaller} from '@stowage/core';
import {blobFixture, imageFixture} from '@stowage/testing';
import test from 'ava';
import {app, callerWho, fetching, openVirtualWorld, v1, virtual} from './fixtures/virtual-world.ts';

test('what is pushed is in the member that takes it, and in no other', async t => {
	const {docker, as, get, push} = await openVirtualWorld(t, {
		docker: virtual(['first', 'second'], {defaultDeploymentRepo: 'second'}),
		first: {},
		second: {},
	});
	await push('docker', ['v1']);
	t.is((await docker.findManifest(app, v1, as))?.repository, 'second');
	t.is(await (await get('first')).findManifest(app, v1, as), undefined);
	t.truthy(await (await get('second')).findManifest(app, v1, as));
});

test('without a member that takes it nothing can be pushed, and a sentence says why', async t => {
	const {docker} = await openVirtualWorld(t, {docker: virtual(['local']), local: {}});
	t.is(docker.writer, undefined);
	t.regex(docker.readOnlyBecause ?? '', /^"docker" is a virtual repository without a defaultDeploymentRepo/);
});

test('the rights on the member count, and not those on the virtual repository', async t => {
	const {docker, push} = await openVirtualWorld(t, {
		docker: virtual(['local'], {defaultDeploymentRepo: 'local'}),
		local: {},
	});
	const {manifest, config} = await push('docker', ['v1']);
	const {writer} = docker;
	const deployer = callerWho((action, repository) => repository === 'local' && action !== 'delete');
	const outsider = callerWho((_, repository) => repository === 'docker');
	t.truthy(await writer?.startUpload(app, deployer));
	for (const refused of [
		() => writer?.startUpload(app, outsider),
		() => writer?.findUpload(app, 'x', outsider),
		() => writer?.mountBlob(app, config.digest, undefined, outsider),
		() => writer?.putManifest(app, {...manifest, tags: []}, outsider),
		() => writer?.deleteTag(app, v1.tag, deployer),
		() => writer?.deleteManifest(app, manifest.digest, deployer),
		() => writer?.deleteBlob(app, config.digest, deployer),
	]) {
		await t.throwsAsync(async () => refused(), {code: 'DENIED', message: /"docker" goes to "local"/});
	}
});

test('a token for the virtual repository pushes to the member as far as its owner may', async t => {
	const {docker, as, get} = await openVirtualWorld(t, {
		docker: virtual(['local'], {defaultDeploymentRepo: 'local'}),
		local: {},
	});
	const owner = everythingCaller('owner');
	const token = {
		...callerWho((_, repository) => repository === 'docker').caller,
		through: (key: string) => (key === 'docker' ? owner : token),
	};
	const upload = await docker.writer?.startUpload(app, {caller: token});
	const blob = blobFixture();
	await upload?.append(Readable.from([blob.bytes]));
	await upload?.commit(blob.digest);
	t.truthy(await (await get('local')).findBlob(app, blob.digest, as));
	t.truthy(await docker.findBlob(app, blob.digest, {caller: token}));
	const content = await docker.openBlob(app, blob.digest, {caller: token});
	t.is(content?.size, blob.bytes.length);
	if (content?.kind === 'bytes') {
		content.body.destroy();
	}
});

for (const [what, repositories, message] of [
	['fetches', {hub: fetching('none')}, /"hub" is a fetching repository/],
	['is virtual', {hub: virtual([])}, /"hub" is a virtual repository/],
	['does not exist', {}, /"hub" does not exist/],
] as const) {
	test(`a push is refused with a sentence when the member that should take it ${what}`, async t => {
		const {docker, as} = await openVirtualWorld(t, {
			docker: virtual(['hub'], {defaultDeploymentRepo: 'hub'}),
			...repositories,
		});
		await t.throwsAsync(async () => docker.writer?.startUpload(app, as), {code: 'UNSUPPORTED', message});
	});
}

test('what another member has is not deleted through the virtual repository', async t => {
	const {docker, as, get, push} = await openVirtualWorld(t, {
		docker: virtual(['local', 'other'], {defaultDeploymentRepo: 'local'}),
		local: {},
		other: {},
	});
	const {manifest, layers} = await push('other', ['v1']);
	t.is(await docker.writer?.deleteTag(app, v1.tag, as), false);
	t.is(await docker.writer?.deleteManifest(app, manifest.digest, as), false);
	t.is(await docker.writer?.deleteBlob(app, layers[0]!.digest, as), false);
	t.truthy(await (await get('other')).findManifest(app, v1, as));
});

test('an upload goes on where it was started when another member takes pushes meanwhile', async t => {
	const {as, get, metadata, repositories} = await openVirtualWorld(t, {
		docker: virtual(['one', 'other'], {defaultDeploymentRepo: 'one'}),
		one: {},
		other: {},
	});
	const blob = blobFixture();
	const started = await (await get('docker')).writer?.startUpload(app, as);
	await started?.append(Readable.from([blob.bytes.subarray(0, 1000)]));
	const definition = (await metadata.definitions.find('docker'))!;
	await metadata.definitions.update({
		...definition,
		options: {...definition.options, defaultDeploymentRepo: 'other'},
	});
	await repositories.refresh();
	const docker = await get('docker');
	const upload = await docker.writer?.findUpload(app, started?.id ?? '', as);
	t.is(upload?.offset, 1000);
	await upload?.append(Readable.from([blob.bytes.subarray(1000)]));
	await upload?.commit(blob.digest);
	t.is((await docker.findBlob(app, blob.digest, as))?.repository, 'one');
	t.is(await docker.writer?.findUpload(app, 'unknown', as), undefined);
	const image = imageFixture();
	await t.throwsAsync(async () => docker.writer?.putManifest(app, {...image.manifest, tags: []}, as), {
		code: 'MANIFEST_BLOB_UNKNOWN',
	});
});
