import {type PageRequest, type Repositories, type Repository, everythingCaller, parseImageName} from '@stowage/core';
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
