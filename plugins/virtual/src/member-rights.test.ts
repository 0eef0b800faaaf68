import {parseImageName, parseTagName} from '@stowage/core';
import {artifactFixture} from '@stowage/testing';
import test from 'ava';
import {app, callerWho, fetching, openVirtualWorld, v1, virtual} from './fixtures/virtual-world.ts';

test('a member that the caller may not read is as if it were not there, whatever is wrong with it', async t => {
	const {docker, push, upstreams} = await openVirtualWorld(t, {
		docker: virtual(['secret', 'gone', 'hub', 'open']),
		secret: {},
		open: {},
		hub: fetching('upstream'),
		upstream: {},
	});
	const secret = await push('secret', ['v1', 'hidden']);
	const open = await push('open', ['v1']);
	upstreams.troubles.set('hub', new Error('down'));
	const reader = callerWho((action, repository) => action === 'read' && ['docker', 'open'].includes(repository));
	t.is((await docker.findManifest(app, v1, reader))?.repository, 'open');
	t.is(await docker.findManifest(app, {tag: parseTagName('hidden')}, reader), undefined);
	t.is(await docker.findManifest(app, {digest: secret.manifest.digest}, reader), undefined);
	t.is(await docker.findBlob(app, secret.config.digest, reader), undefined);
	t.is(await docker.openBlob(app, secret.config.digest, reader), undefined);
	t.is((await docker.findBlob(app, open.config.digest, reader))?.repository, 'open');
	t.deepEqual((await docker.listTags(app, {limit: 10}, reader))?.items, ['v1'] as never);
	t.deepEqual(upstreams.asked, []);
});

test('images and referrers of a member that the caller may not read are not listed', async t => {
	const {docker, push, pushBlob, putManifest} = await openVirtualWorld(t, {
		docker: virtual(['secret', 'open']),
		secret: {},
		open: {},
	});
	const {manifest} = await push('open', ['v1']);
	await push('secret', ['v1'], parseImageName('team/hidden'));
	const artifact = artifactFixture(manifest.descriptor, 'application/spdx+json');
	await Promise.all(artifact.blobs.map(blob => pushBlob('secret', blob)));
	await putManifest('secret', artifact.manifest, []);
	const reader = callerWho((_, repository) => repository === 'open');
	const everybody = callerWho(() => true);
	const list = async (as: typeof reader) => [
		(await docker.listImages({limit: 10}, as)).items.length,
		(await docker.listReferrers(app, manifest.digest, {limit: 10}, as)).items.length,
	];
	t.deepEqual(await list(reader), [1, 0]);
	t.deepEqual(await list(everybody), [2, 1]);
	t.is(await docker.listTags(parseImageName('team/hidden'), {limit: 10}, reader), undefined);
});
