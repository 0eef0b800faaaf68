import {Readable} from 'node:stream';
import {setTimeout as sleep} from 'node:timers/promises';
import {blobFixture, createTestHost} from '@stowage/testing';
import test from 'ava';
import {parseImageName} from '../oci/image-name.ts';
import type {RepositoryDefinition} from '../metadata/repository-definitions.ts';
import type {Repository} from './repository.ts';
import type {RepositoryContext, RepositoryType} from './repository-type.ts';

const image = parseImageName('library/alpine');
const empty = {items: []};

/** A type whose repositories count what happens to them and answer when they are let. */
function observedType() {
	const log: string[] = [];
	const contexts: RepositoryContext[] = [];
	const gates: (() => void)[] = [];
	const type: RepositoryType = {
		type: 'observed',
		options: {type: 'object', properties: {members: {type: 'array', items: {type: 'string'}, default: []}}},
		dependencies: options => (options as {members: string[]}).members,
		async create(_, context): Promise<Repository> {
			log.push(`create ${context.key}`);
			contexts.push(context);
			return {
				key: context.key,
				type: 'observed',
				findManifest: async () => undefined,
				findBlob: async () => undefined,
				openBlob: async () => undefined,
				listTags: async () => empty,
				async listImages() {
					await new Promise<void>(resolve => void gates.push(resolve));
					return empty;
				},
				listReferrers: async () => empty,
				async close() {
					log.push(`close ${context.key}`);
				},
			};
		},
	};
	return {type, log, contexts, gates};
}

async function until(claim: () => boolean | Promise<boolean>, withinMs = 20_000): Promise<boolean> {
	for (const end = Date.now() + withinMs; Date.now() < end; await sleep(10)) {
		if (await claim()) {
			return true;
		}
	}
	return false;
}

function definitionOf(key: string, members: readonly string[] = []) {
	return {key, type: 'observed', storage: 'default', description: '', options: {members}};
}

test('a repository is made when it is first asked for, and once', async t => {
	const {type, log} = observedType();
	const host = await createTestHost({types: [type]});
	t.teardown(() => host.close());
	await host.metadata.definitions.insert(definitionOf('a'));
	await host.repositories.refresh();
	t.deepEqual(await host.repositories.keys(), ['a', 'local']);
	t.is(host.repositories.find('a'), undefined);
	const [one, other] = await Promise.all([host.repositories.get('a'), host.repositories.get('a')]);
	t.truthy(one);
	t.is(one, other);
	t.is(host.repositories.find('a'), one);
	t.is(await host.repositories.get('none'), undefined);
	t.deepEqual(log, ['create a']);
});

test('what another node adds, changes and deletes is seen within a second', async t => {
	const {type, log} = observedType();
	const host = await createTestHost({types: [type]});
	t.teardown(() => host.close());
	const {repositories} = await host.another();
	const {definitions} = host.metadata;
	const added = await definitions.insert(definitionOf('a'));
	t.true(await until(async () => (await repositories.get('a')) !== undefined));
	const first = await repositories.get('a');
	await definitions.update({...added, description: 'changed'});
	t.true(await until(async () => (await repositories.get('a')) !== first));
	await definitions.delete(added.id);
	t.true(await until(async () => (await repositories.get('a')) === undefined));
	t.true(await until(() => log.filter(line => line === 'close a').length === 2));
});

test('a repository that was changed is closed when its running calls have ended', async t => {
	const {type, log, contexts, gates} = observedType();
	const host = await createTestHost({types: [type]});
	t.teardown(() => host.close());
	const added = await host.metadata.definitions.insert(definitionOf('a'));
	await host.repositories.refresh();
	const repository = await host.repositories.get('a');
	const running = repository?.listImages({limit: 1}, {caller: host.caller});
	await sleep(5);
	await host.metadata.definitions.update({...added, description: 'changed'});
	await host.repositories.refresh();
	await sleep(20);
	t.deepEqual(log, ['create a']);
	t.false(contexts[0]?.signal.aborted);
	gates.forEach(open => open());
	await running;
	t.true(await until(() => log.includes('close a')));
	t.true(contexts[0]?.signal.aborted);
});

test('a repository whose definition cannot be used says so, and the others go on', async t => {
	const host = await createTestHost();
	t.teardown(() => host.close());
	await host.metadata.definitions.insert({...definitionOf('gone'), type: 'of-a-plugin-that-is-gone'});
	await host.metadata.definitions.insert({...definitionOf('lost'), type: 'local', storage: 'lost', options: {}});
	await host.metadata.definitions.insert({...definitionOf('wrong'), type: 'local', options: {sparseIndexes: 'yes'}});
	await host.repositories.refresh();
	for (const key of ['gone', 'lost', 'wrong']) {
		t.like(await t.throwsAsync(host.repositories.get(key)), {code: 'UNAVAILABLE', status: 503});
	}
	t.truthy(await host.repositories.get('local'));
});

test('a circle of dependencies is found before it is saved, and refused if it was saved all the same', async t => {
	const {type} = observedType();
	const host = await createTestHost({types: [type]});
	t.teardown(() => host.close());
	for (const [key, members] of [
		['a', ['b', 'local']],
		['b', ['c']],
		['c', []],
	] as const) {
		await host.metadata.definitions.insert(definitionOf(key, members));
	}
	await host.repositories.refresh();
	t.deepEqual(host.repositories.findCircle(definitionOf('c', ['local', 'a'])), ['c', 'a', 'b', 'c']);
	t.deepEqual(host.repositories.findCircle(definitionOf('c', ['c'])), ['c', 'c']);
	t.is(host.repositories.findCircle(definitionOf('d', ['a', 'b', 'none'])), undefined);
	const saved = (await host.metadata.definitions.find('c')) as RepositoryDefinition;
	await host.metadata.definitions.update({...saved, options: {members: ['a']}});
	await host.repositories.refresh();
	t.like(await t.throwsAsync(host.repositories.get('c')), {code: 'UNAVAILABLE'});
});

test('what is done to a repository is told to who listens, under its key and with who did it', async t => {
	const host = await createTestHost();
	t.teardown(() => host.close());
	const told: string[] = [];
	for (const type of ['blob.pushed', 'blob.pulled', 'blob.mounted', 'blob.deleted'] as const) {
		host.events.on(type, event => {
			const size = 'blob' in event ? event.blob.size : 0;
			told.push(`${event.type} ${event.repository} ${event.image} ${event.actor} ${size}`);
		});
	}
	const {repository, caller} = host;
	const as = {caller};
	const {bytes, digest} = blobFixture(100);
	const upload = await repository.writer?.startUpload(image, as);
	await upload?.append(Readable.from([bytes]));
	await upload?.commit(digest);
	const content = await repository.openBlob(image, digest, {...as, range: () => ({start: 1, end: 5})});
	t.deepEqual(content?.kind === 'bytes' && Buffer.concat(await content.body.toArray()), bytes.subarray(1, 5));
	const other = parseImageName('other');
	await repository.writer?.mountBlob(other, digest, {repository, image}, as);
	await repository.writer?.deleteBlob(other, digest, as);
	await repository.writer?.deleteBlob(other, digest, as);
	await sleep(5);
	t.deepEqual(told, [
		'blob.pushed local library/alpine tester 100',
		'blob.pulled local library/alpine tester 100',
		'blob.mounted local other tester 100',
		'blob.deleted local other tester 0',
	]);
});

test('manifests tell when they are pushed, pulled and deleted, and not when somebody only asks for them', async t => {
	const host = await createTestHost();
	t.teardown(() => host.close());
	const told: string[] = [];
	for (const type of ['manifest.pushed', 'manifest.pulled', 'manifest.deleted'] as const) {
		host.events.on(type, event => void told.push(`${event.type} ${'tag' in event ? event.tag : ''}`));
	}
	const {repository} = host;
	const as = {caller: host.caller};
	const bytes = Buffer.from('{"schemaVersion":2,"manifests":[]}');
	const mediaType = 'application/vnd.oci.image.index.v1+json';
	const tags = ['a', 'b'].map(tag => tag as never);
	const pushed = await repository.writer?.putManifest(image, {bytes, mediaType, tags}, as);
	const digest = pushed?.digest as NonNullable<typeof pushed>['digest'];
	await repository.findManifest(image, {tag: tags[0]!}, {...as, peek: true});
	await repository.findManifest(image, {tag: tags[0]!}, as);
	await repository.findManifest(image, {digest}, as);
	await repository.writer?.deleteManifest(image, digest, as);
	await sleep(5);
	t.deepEqual(told, [
		'manifest.pushed a',
		'manifest.pushed b',
		'manifest.pulled a',
		'manifest.pulled undefined',
		'manifest.deleted ',
	]);
});

test('a blob that is being read keeps its repository from closing', async t => {
	const host = await createTestHost();
	t.teardown(() => host.close());
	const {repository, caller, metadata} = host;
	const {bytes, digest} = blobFixture(300_000);
	const upload = await repository.writer?.startUpload(image, {caller});
	await upload?.append(Readable.from([bytes]));
	await upload?.commit(digest);
	const content = await repository.openBlob(image, digest, {caller});
	let closed = false;
	const close = async () => {
		await host.repositories.close();
		closed = true;
	};
	const closing = close();
	await sleep(20);
	t.false(closed);
	t.is(content?.kind === 'bytes' && Buffer.concat(await content.body.toArray()).length, 300_000);
	await closing;
	t.true(closed);
	await metadata.check();
});
