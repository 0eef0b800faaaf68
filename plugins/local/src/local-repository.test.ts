import {type RepositoryUnderTest, createTestHost, repositorySuite} from '@stowage/testing';
import test from 'ava';

/** With the source of mounts on the same storage, or on another. */
function makeWith(storage: string): () => Promise<RepositoryUnderTest> {
	return async () => {
		const host = await createTestHost({
			repositories: {local: {}, source: {storage}},
			storages: ['default', 'other'],
		});
		return {
			repository: host.repository,
			mountFrom: (await host.repositories.get('source')) ?? host.repository,
			caller: host.caller,
			another: async () => (await host.another()).repository,
			close: () => host.close(),
		};
	};
}

repositorySuite({test, make: makeWith('default'), title: 'local'});
repositorySuite({test, make: makeWith('other'), title: 'local, mounting from another storage'});
