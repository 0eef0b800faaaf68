import type {Repository} from '@stowage/core';
import {createTestHost, repositorySuite} from '@stowage/testing';
import test from 'ava';
import {windowType} from './window-type.ts';

repositorySuite({
	test,
	make: async () => {
		const host = await createTestHost({
			types: [windowType],
			// The first one is `host.repository`.
			repositories: {window: {type: 'window', options: {of: 'local'}}, local: {}, source: {}},
		});
		const get = async (key: string) => (await host.repositories.get(key)) as Repository;
		return {
			repository: host.repository,
			pushTo: await get('local'),
			mountFrom: await get('source'),
			caller: host.caller,
			another: async () => (await host.another()).repository,
			anotherToPushTo: async () => (await (await host.another()).repositories.get('local')) as Repository,
			close: () => host.close(),
		};
	},
});

test('nothing can be pushed to a window, and a sentence says why', async t => {
	const host = await createTestHost({
		types: [windowType],
		repositories: {window: {type: 'window', options: {of: 'local'}}, local: {}},
	});
	t.teardown(() => host.close());
	t.is(host.repository.writer, undefined);
	t.regex(host.repository.readOnlyBecause ?? '', /only shows what "local" has/);
});
