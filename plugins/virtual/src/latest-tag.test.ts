import {setTimeout as sleep} from 'node:timers/promises';
import {RegistryError, parseTagName} from '@stowage/core';
import test from 'ava';
import {app, fetching, openVirtualWorld, v1, virtual} from './fixtures/virtual-world.ts';

test('by timestamp, the local member answers whose tag was set last', async t => {
	const {docker, as, push, putManifest} = await openVirtualWorld(t, {
		docker: virtual(['one', 'hub', 'other'], {resolveDockerTagsByTimestamp: true}),
		one: {},
		other: {},
		hub: fetching('upstream'),
		upstream: {},
	});
	const older = await push('one', ['v1']);
	await sleep(5);
	const newer = await push('other', ['v1']);
	await push('upstream', ['v1', 'v2']);
	t.like(await docker.findManifest(app, v1, as), {repository: 'other', manifest: {digest: newer.manifest.digest}});
	await sleep(5);
	const again = await push('one', ['v1']);
	t.is((await docker.findManifest(app, v1, as))?.manifest.digest, again.manifest.digest);
	t.is((await docker.findManifest(app, {tag: parseTagName('v2')}, as))?.repository, 'hub');
	await putManifest('one', older.manifest, []);
	t.is((await docker.findManifest(app, {digest: older.manifest.digest}, as))?.repository, 'one');
});

test('by timestamp, a newer tag of a member without priority does not win over one with it', async t => {
	const {docker, as, push} = await openVirtualWorld(t, {
		docker: virtual(['local', 'chosen'], {resolveDockerTagsByTimestamp: true}),
		local: {},
		chosen: {options: {priorityResolution: true}},
	});
	await push('chosen', ['v1']);
	await sleep(5);
	await push('local', ['v1', 'v2']);
	t.is((await docker.findManifest(app, v1, as))?.repository, 'chosen');
	t.is((await docker.findManifest(app, {tag: parseTagName('v2')}, as))?.repository, 'local');
});

test('by timestamp, too, no other member is asked after one that refuses', async t => {
	const {docker, as, push, upstreams} = await openVirtualWorld(t, {
		docker: virtual(['hub', 'other'], {resolveDockerTagsByTimestamp: true}),
		hub: fetching('upstream'),
		other: fetching('elsewhere'),
		upstream: {},
		elsewhere: {},
	});
	await push('elsewhere', ['v1']);
	upstreams.troubles.set('hub', new RegistryError('DENIED', 'not for you'));
	t.is(await docker.findManifest(app, v1, {...as, peek: true}), undefined);
	await t.throwsAsync(docker.findManifest(app, v1, as), {code: 'DENIED'});
});
