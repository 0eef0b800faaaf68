import {lists} from './repository-suite/lists.ts';
import {manifests} from './repository-suite/manifests.ts';
import {mounts} from './repository-suite/mounts.ts';
import {reads} from './repository-suite/reads.ts';
import {referrers} from './repository-suite/referrers.ts';
import {type RepositoryUnderTest, defineCase} from './repository-suite/suite-case.ts';
import {uploads} from './repository-suite/uploads.ts';
import type {SuiteTest} from './storage-driver-suite/suite-case.ts';

export interface RepositorySuiteOptions {
	/** The `test` of ava, node:test or vitest. */
	readonly test: SuiteTest;
	/** A new, empty repository for every case. */
	readonly make: () => Promise<RepositoryUnderTest>;
	/** Put before the title of every case, where one file runs the suite more than once. Nothing unless told. */
	readonly title?: string;
}

/**
 * What every repository that can be pushed to, or that shows what was pushed to another, must do. Only the contract is
 * used, so that a repository made of others passes what its members pass.
 */
export function repositorySuite({test, make, title = ''}: RepositorySuiteOptions): void {
	const define = defineCase(test, make, title);
	for (const topic of [reads, lists, referrers, uploads, mounts, manifests]) {
		topic(define);
	}
}
