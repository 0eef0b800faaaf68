import {type RepositoryUnderTest, type TestRepository, createTestHost, repositorySuite} from '@stowage/testing';
import test from 'ava';
import {virtualType} from './virtual-type.ts';

/** The first of these repositories, and `source` to mount from. */
function makeFrom(repositories: Readonly<Record<string, TestRepository>>): () => Promise<RepositoryUnderTest> {
	return async () => {
		const host = await createTestHost({
			types: [virtualType],
			repositories: {...repositories, source: {}},
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

function virtual(repositories: readonly string[], defaultDeploymentRepo = repositories[0] ?? ''): TestRepository {
	return {type: 'virtual', options: {repositories: [...repositories], defaultDeploymentRepo}};
}

const one = {docker: virtual(['local']), local: {}};
const several = {docker: virtual(['first', 'local', 'last'], 'local'), first: {}, local: {}, last: {storage: 'other'}};
const nested = {
	docker: virtual(['first', 'inner', 'local'], 'local'),
	inner: virtual(['innermost', 'deep'], 'deep'),
	innermost: virtual(['first', 'deep'], 'deep'),
	first: {},
	deep: {},
	local: {},
};

repositorySuite({test, make: makeFrom(one), title: 'virtual around a local one'});
repositorySuite({test, make: makeFrom(several), title: 'virtual of several'});
repositorySuite({test, make: makeFrom(nested), title: 'virtual around virtual ones'});
