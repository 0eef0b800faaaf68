import {RegistryError, StorageError} from '@stowage/core';
import test from 'ava';
import {app, fetching, openVirtualWorld, v1, virtual} from './fixtures/virtual-world.ts';

test('trouble with a member ends the search, names it, and stays what it is', async t => {
	const {docker, as, push, upstreams} = await openVirtualWorld(t, {
		docker: virtual(['one', 'other']),
		one: fetching('first'),
		other: fetching('second'),
		first: {},
		second: {},
	});
	await push('second', ['v1']);
	const limit = {headers: {'Retry-After': '60'}, detail: {limit: 100}};
	upstreams.troubles.set('one', new RegistryError('TOOMANYREQUESTS', 'come back later', limit));
	const error = await t.throwsAsync(docker.findManifest(app, v1, as), {instanceOf: RegistryError});
	t.like(error, {code: 'TOOMANYREQUESTS', status: 429, ...limit});
	t.is(error?.message, 'member "one" of "docker": come back later');
	t.deepEqual(upstreams.asked, ['one stored']);
	await t.throwsAsync(docker.listTags(app, {limit: 5}, as), {message: /^member "one" of "docker"/});
});

test('trouble with the storage of a member is one that passes; any other tells a client nothing of itself', async t => {
	const {docker, as, upstreams} = await openVirtualWorld(t, {
		docker: virtual(['one']),
		one: fetching('none'),
	});
	const failure = {storage: 'default', operation: 'read', key: 'blobs/x', cause: new Error('secret')} as const;
	for (const [trouble, code] of [
		[new StorageError({...failure, code: 'unavailable'}), 'UNAVAILABLE'],
		[new StorageError({...failure, code: 'not-found'}), 'UNKNOWN'],
		[new Error('secret'), 'UNKNOWN'],
	] as const) {
		upstreams.troubles.set('one', trouble);
		const error = await t.throwsAsync(docker.findManifest(app, v1, as), {instanceOf: RegistryError});
		t.is(error?.code, code);
		t.is(error?.cause, trouble);
		t.regex(error?.message ?? '', /member "one" of "docker"/);
		t.notRegex(error?.message ?? '', /secret/);
	}
});

test('a client that leaves is no trouble of a member', async t => {
	const {docker, as, upstreams} = await openVirtualWorld(t, {docker: virtual(['one']), one: fetching('none')});
	const gone = new AbortController();
	gone.abort();
	upstreams.troubles.set('one', gone.signal.reason as Error);
	const error = await t.throwsAsync(docker.findManifest(app, v1, {...as, signal: gone.signal}), {any: true});
	t.is(error, gone.signal.reason);
});

test('a member that does not exist is trouble, and taken up as soon as it is made', async t => {
	const {docker, as, push, metadata, repositories} = await openVirtualWorld(t, {
		docker: virtual(['gone', 'local']),
		local: {},
	});
	const {manifest} = await push('local', ['v1']);
	await t.throwsAsync(docker.findManifest(app, v1, as), {code: 'UNAVAILABLE', message: /"gone" of "docker"/});
	await metadata.definitions.insert({key: 'gone', type: 'local', storage: 'default', description: '', options: {}});
	await repositories.refresh();
	t.is((await docker.findManifest(app, v1, as))?.manifest.digest, manifest.digest);
	await push('gone', ['v1']);
	t.is((await docker.findManifest(app, v1, as))?.repository, 'gone');
});

test('what an upstream refuses is told to who asks for it, and is not there for who only asks whether it is', async t => {
	const {docker, as, push, upstreams} = await openVirtualWorld(t, {
		docker: virtual(['hub', 'other']),
		hub: fetching('first'),
		other: fetching('second'),
		first: {},
		second: {},
	});
	await push('second', ['v1']);
	for (const code of ['UNAUTHORIZED', 'DENIED'] as const) {
		upstreams.troubles.set('hub', new RegistryError(code, 'not for you'));
		upstreams.asked.length = 0;
		t.is(await docker.findManifest(app, v1, {...as, peek: true}), undefined);
		t.deepEqual(upstreams.asked, ['hub stored']);
		await t.throwsAsync(docker.findManifest(app, v1, as), {code, message: /member "hub" of "docker"/});
	}
	upstreams.troubles.set('hub', new RegistryError('UNAVAILABLE', 'down'));
	await t.throwsAsync(docker.findManifest(app, v1, {...as, peek: true}), {code: 'UNAVAILABLE'});
});
