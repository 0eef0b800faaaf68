import {
	type PageRequest,
	RegistryError,
	type Repositories,
	type Repository,
	everythingCaller,
	parseImageName,
} from '@stowage/core';
import test from 'ava';
import {listAllImages} from './image-catalog.ts';

const images: Readonly<Record<string, readonly string[]>> = {
	a: ['x', 'y'],
	'a-b': ['x'],
	'a.c': ['m', 'n'],
	ab: [],
	b: ['a/b', 'a0'],
};

/** Gives at most two images a call, as a repository may that leaves some out. */
const repositories: Repositories = {
	find: () => undefined,
	keys: async () => Object.keys(images),
	get: async key =>
		({key, listImages: async (page: PageRequest) => list(images[key] ?? [], page)}) as unknown as Repository,
};

function list(names: readonly string[], {limit, after = ''}: PageRequest) {
	const left = names.filter(name => name > after);
	const items = left.slice(0, Math.min(limit, 2)).map(parseImageName);
	return {items, next: left.length > items.length ? items.at(-1) : undefined};
}

const all = ['a-b/x', 'a.c/m', 'a.c/n', 'a/x', 'a/y', 'b/a/b', 'b/a0'];
const options = {caller: everythingCaller('test')};

for (let limit = 1; limit <= 8; limit += 1) {
	test(`pages of ${limit} together are all images in byte order`, async t => {
		const seen: string[] = [];
		let after: string | undefined;
		do {
			const page = await listAllImages(Object.keys(images), repositories, {limit, after}, options);
			t.true(page.items.length <= limit);
			seen.push(...page.items);
			after = page.next;
		} while (after !== undefined);
		t.deepEqual(seen, all);
	});
}

for (const after of ['a', 'a-', 'a-b/x', 'a.c/mm', 'a/', 'a/x', 'a/z', 'ab', 'b/a/c', 'zz', '!']) {
	test(`a page after "${after}" begins with what follows`, async t => {
		const page = await listAllImages(Object.keys(images), repositories, {limit: 100, after}, options);
		t.deepEqual(
			page.items,
			all.filter(name => name > after),
		);
	});
}

const unavailable = () => new RegistryError('UNAVAILABLE', 'the repository "a.c" cannot be opened');

for (const [what, broken] of [
	['cannot be opened', async () => Promise.reject(unavailable())],
	['is made of one that cannot be opened', async () => ({listImages: () => Promise.reject(unavailable())})],
] as const) {
	test(`a repository that ${what} is left out, with a warning`, async t => {
		const get = async (key: string) =>
			key.startsWith('a.') ? (broken() as Promise<unknown> as Promise<Repository>) : repositories.get(key);
		const some = {...repositories, get};
		const keys = [...Object.keys(images), 'a.d'];
		const page = await listAllImages(keys, some, {limit: 100}, options);
		t.deepEqual(page, {
			items: all.filter(name => !name.startsWith('a.c')),
			warning: 'the repository "a.c" cannot be opened',
		});
		const before = await listAllImages(keys, some, {limit: 1}, options);
		t.deepEqual(before, {items: ['a-b/x'], next: 'a-b/x', warning: page.warning});
		t.is((await listAllImages(keys, some, {limit: 2, after: 'a/x'}, options)).warning, undefined);
	});
}

test('any other trouble of a repository is no reason to leave it out', async t => {
	const some = {...repositories, get: () => Promise.reject(new Error('the database is gone'))};
	await t.throwsAsync(listAllImages(['a'], some, {limit: 1}, options), {message: /database/});
});
