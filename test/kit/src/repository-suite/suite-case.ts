import type {Caller, Repository} from '@stowage/core';
import type {SuiteTest} from '../storage-driver-suite/suite-case.ts';
import {RepositoryWorld} from './repository-world.ts';

/** What `make` gives a case: a new, empty repository with what the suite needs around it. */
export interface RepositoryUnderTest {
	readonly repository: Repository;
	/** Where the suite pushes what it then reads from `repository`: itself unless told. */
	readonly pushTo?: Repository;
	/** Another repository, with a writer, that blobs are mounted from. Its images are named by the suite. */
	readonly mountFrom: Repository;
	/** May do everything. */
	readonly caller: Caller;
	/** `repository` as another process sees it: on the same rows and bytes, with nothing in memory shared. */
	another(): Promise<Repository>;
	/** `pushTo` as another process sees it; only where that is not `repository`. */
	anotherToPushTo?(): Promise<Repository>;
	close(): Promise<void>;
}

export type DefineCase = (title: string, run: (world: RepositoryWorld) => Promise<void>) => void;

export type Topic = (define: DefineCase) => void;

/** Gives each case a repository of its own and closes it whatever happened. */
export function defineCase(test: SuiteTest, make: () => Promise<RepositoryUnderTest>, prefix: string): DefineCase {
	return (title, run) => {
		test(prefix === '' ? title : `${prefix}: ${title}`, async t => {
			const under = await make();
			try {
				await run(new RepositoryWorld(under));
			} finally {
				await under.close();
			}
			if (countsAssertions(t)) {
				t.pass();
			}
		});
	};
}

/** ava fails a test that made none of its own assertions. */
function countsAssertions(t: unknown): t is {pass(): void} {
	return typeof t === 'object' && t !== null && 'pass' in t && typeof t.pass === 'function';
}
