import type {PageRequest} from '@stowage/core';
import test from 'ava';
import {array, assert, asyncProperty, integer, record, stringMatching} from 'fast-check';
import {type List, mergePages} from './merge-pages.ts';

/** A list of these names that gives at most `most` of them a call, as an upstream may. */
function listOf(names: readonly string[], most: number): List<string> {
	const sorted = [...new Set(names)].toSorted();
	return async ({limit, after = ''}: PageRequest) => {
		const left = sorted.filter(name => name > after);
		const items = left.slice(0, Math.min(limit, most));
		return items.length < left.length ? {items, next: items.at(-1) ?? after} : {items};
	};
}

async function collect(lists: readonly List<string>[], limit: number): Promise<readonly (readonly string[])[]> {
	const pages: (readonly string[])[] = [];
	for (let after: string | undefined; ;) {
		const page = await mergePages(lists, {limit, after}, name => name);
		pages.push(page?.items ?? []);
		if (page?.next === undefined) {
			return pages;
		}
		after = page.next;
	}
}

test('pages of any length together are all lists in byte order, each name once, and full but for the last', async t => {
	const name = stringMatching(/^[A-Za-z0-9]{1,2}$/);
	const lists = array(record({names: array(name, {maxLength: 12}), most: integer({min: 1, max: 5})}), {
		maxLength: 5,
	});
	await assert(
		asyncProperty(lists, integer({min: 1, max: 7}), async (given, limit) => {
			const pages = await collect(
				given.map(({names, most}) => listOf(names, most)),
				limit,
			);
			const expected = [...new Set(given.flatMap(({names}) => names))].toSorted();
			t.deepEqual(pages.flat(), expected);
			t.true(pages.every((page, index) => index === pages.length - 1 || page.length === limit));
		}),
	);
});

const none: List<string> = async () => undefined;
const stuck: List<string> = async () => ({items: [], next: 'a'});

test('where no list is there, there is no page; where one is, it is that', async t => {
	t.is(await mergePages([none, none], {limit: 5}, name => name), undefined);
	t.is(await mergePages([], {limit: 5}, (name: string) => name), undefined);
	t.deepEqual(await mergePages([none, listOf(['a'], 5)], {limit: 5}, name => name), {items: ['a']});
	t.deepEqual(await mergePages([none, listOf([], 5)], {limit: 5}, name => name), {items: []});
});

test('a page of none asks for none', async t => {
	const limits: number[] = [];
	const list: List<string> = async ({limit}) => {
		limits.push(limit);
		return {items: []};
	};
	t.deepEqual(await mergePages([list], {limit: 0}, name => name), {items: []});
	t.deepEqual(limits, [0]);
});

test('a list whose cursor stands still is trouble and no endless loop', async t => {
	await t.throwsAsync(
		mergePages([stuck], {limit: 5}, name => name),
		{message: /does not go on/},
	);
});
