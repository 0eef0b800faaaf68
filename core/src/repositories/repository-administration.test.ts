import {
	type Json,
	type MetadataStore,
	type NewRepositoryDefinition,
	OptionsValidator,
	RepositoryAdministration,
	type RepositoryType,
} from '@stowage/core';
import {databases} from '@stowage/test-servers/databases';
import {openMetadataWorld} from '@stowage/test-servers/metadata-world';
import test from 'ava';

interface Options {
	readonly repositories: readonly string[];
	readonly size: number;
}

const properties = {
	repositories: {type: 'array', items: {type: 'string'}, default: []},
	size: {type: 'integer', default: 1, minimum: 0},
};

async function create(): Promise<never> {
	throw new Error('nobody uses it here');
}

const plain: RepositoryType = {type: 'plain', options: {type: 'object', properties}, create};
const caching: RepositoryType = {type: 'caching', options: {type: 'object', properties}, cached: true, create};
const group: RepositoryType<Options> = {
	type: 'group',
	options: {type: 'object', properties},
	dependencies: ({repositories}) => repositories,
	without: (options, key) => ({...options, repositories: options.repositories.filter(member => member !== key)}),
	create,
};
const fixed: RepositoryType<Options> = {...group, type: 'fixed', without: undefined};
const types = new Map(
	[plain, caching, group as RepositoryType, fixed as RepositoryType].map(type => [type.type, type]),
);

function administer(metadata: MetadataStore, changed = async () => {}): RepositoryAdministration {
	const validator = new OptionsValidator();
	return new RepositoryAdministration({
		metadata,
		types,
		completeOptions: (schema, options) => validator.complete(schema, options),
		storages: new Set(['main']),
		changed,
	});
}

function definition(
	key: string,
	type = 'plain',
	options: NewRepositoryDefinition['options'] = {},
): NewRepositoryDefinition {
	return {key, type, storage: 'main', description: '', options, attributes: {notes: 'kept'}};
}

const members = (...keys: readonly string[]): {readonly [name: string]: Json} => ({repositories: [...keys]});

const refused: readonly {
	readonly what: string;
	readonly wanted: readonly NewRepositoryDefinition[];
	readonly message: RegExp;
}[] = [
	{what: 'an unknown type', wanted: [definition('a', 'odd')], message: /no plugin offers the type "odd"/},
	{what: 'wrong options', wanted: [definition('a', 'plain', {size: -1})], message: /\/size: must be >= 0/},
	{what: 'an unknown storage', wanted: [{...definition('a'), storage: 'attic'}], message: /\/storage: .*"attic"/},
	{what: 'a key with a slash', wanted: [definition('a/b')], message: /\/key: must be 1 to 64/},
	{what: 'a key of 65 letters', wanted: [definition('a'.repeat(65))], message: /\/key: must be 1 to 64/},
	{what: 'an empty key', wanted: [definition('')], message: /\/key: must be 1 to 64/},
	{what: 'a word of the server', wanted: [definition('API')], message: /another meaning/},
	{what: 'a missing member', wanted: [definition('a', 'group', members('b'))], message: /no repository "b"/},
	{what: 'itself as a member', wanted: [definition('a', 'group', members('a'))], message: /made of itself/},
	{
		what: 'a circle',
		wanted: [definition('a', 'group', members('b')), definition('b', 'group', members('a'))],
		message: /made of itself: a -> b -> a/,
	},
	{
		what: 'the name of a cache',
		wanted: [definition('hub', 'caching'), definition('hub-cache')],
		message: /the name of the other's cache/,
	},
	{what: 'a key twice', wanted: [definition('a'), definition('a')], message: /a repository "a" already/},
];

for (const database of databases()) {
	const on = (title: string) => `${database.name}: ${title}`;

	for (const {what, wanted, message} of refused) {
		test(on(`${what} is refused, and nothing is made`), async t => {
			const {store} = await openMetadataWorld(t, database);
			const before = await store.definitions.list();
			await t.throwsAsync(administer(store).create([definition('other'), ...wanted]), {message});
			t.deepEqual(await store.definitions.list(), before);
		});
	}

	test(on('several that are made of one another are made together, in any order'), async t => {
		const {store} = await openMetadataWorld(t, database);
		let changes = 0;
		const administration = administer(store, async () => void changes++);
		await administration.create([
			definition('all', 'group', members('one', 'two')),
			definition('one'),
			definition('two'),
		]);
		t.is(changes, 1);
		t.like(await store.definitions.find('all'), {type: 'group', attributes: {notes: 'kept'}, version: 1});
		const more = {name: 'x'.repeat(70_000)};
		await administration.update(new Map([['all', current => ({...current, attributes: more})]]));
		t.like(await store.definitions.find('all'), {attributes: more, options: members('one', 'two'), version: 2});
		await t.throwsAsync(administration.update(new Map([['none', current => current]])), {
			code: 'REPOSITORY_UNKNOWN',
		});
	});

	test(on('what is deleted goes out of those that are made of it, unless they cannot be without it'), async t => {
		const {store} = await openMetadataWorld(t, database);
		const administration = administer(store);
		await administration.create([
			definition('one'),
			definition('two'),
			definition('all', 'group', {...members('one', 'two'), size: 5}),
		]);
		await administration.delete('one');
		t.deepEqual((await store.definitions.find('all'))?.options, {...members('two'), size: 5});
		await administration.create([definition('bound', 'fixed', members('two'))]);
		await t.throwsAsync(administration.delete('two'), {message: /"bound" is made of it/});
		t.not(await store.definitions.find('two'), undefined);
		t.deepEqual((await store.definitions.find('all'))?.options, {...members('two'), size: 5});
		await t.throwsAsync(administration.delete('one'), {code: 'REPOSITORY_UNKNOWN'});
	});

	test(on('two nodes that would close a circle together do not both get it'), async t => {
		const {store, openAnother} = await openMetadataWorld(t, database);
		const [one, other] = [administer(store), administer(await openAnother())];
		for (let round = 0; round < 5; round++) {
			const [a, b] = [`a${round}`, `b${round}`];
			await one.create([definition(a, 'group'), definition(b, 'group')]);
			const results = await Promise.allSettled([
				one.update(new Map([[a, current => ({...current, options: members(b)})]])),
				other.update(new Map([[b, current => ({...current, options: members(a)})]])),
			]);
			t.deepEqual(results.map(({status}) => status).toSorted(), ['fulfilled', 'rejected']);
		}
	});

	test(on('what a repository uses is summed up, each shared blob once'), async t => {
		const {store, repositoryId, addBlob, image} = await openMetadataWorld(t, database);
		await addBlob('shared');
		await addBlob('shared', 'library/other' as typeof image);
		await addBlob('own');
		t.like(await store.usage.ofRepository(repositoryId), {
			images: 2,
			blobs: 2,
			blobBytes: 9,
			unsharedBytes: 15,
			tags: 0,
		});
		t.like((await store.usage.storages())[0], {blobs: 2, bytes: 9, unheldBlobs: 0});
		t.like(await store.usage.ofRepository(repositoryId + 1000), {images: 0, blobs: 0, manifests: 0});
	});
}
