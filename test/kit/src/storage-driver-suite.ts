import type {StorageDriver} from '@stowage/core';
import {appends} from './storage-driver-suite/appends.ts';
import {brokenAppends} from './storage-driver-suite/broken-appends.ts';
import {deletions} from './storage-driver-suite/deletions.ts';
import {failures} from './storage-driver-suite/failures.ts';
import {lists} from './storage-driver-suite/lists.ts';
import {load} from './storage-driver-suite/load.ts';
import {moves} from './storage-driver-suite/moves.ts';
import {reads} from './storage-driver-suite/reads.ts';
import {roundTrips} from './storage-driver-suite/round-trips.ts';
import {seals} from './storage-driver-suite/seals.ts';
import {signals} from './storage-driver-suite/signals.ts';
import {type SuiteSettings, type SuiteTest, defineCase} from './storage-driver-suite/suite-case.ts';
import {waysAround} from './storage-driver-suite/ways-around.ts';

const mebibyte = 1024 * 1024;

/** What a backend may honestly differ in; each has a default that asks for the most. */
export interface StorageDriverSuiteOptions extends Partial<SuiteSettings> {
	/**
	 * The `test` of ava, node:test or vitest. With ava pass `test.serial`: one case measures the memory of the process,
	 * another counts its open files.
	 */
	readonly test: SuiteTest;
	/** Opens another driver on the same backend, as another process would. The suite closes what it opens. */
	readonly open: () => Promise<StorageDriver>;
	/** Put before the title of every case, where one file runs the suite more than once. Nothing unless told. */
	readonly title?: string;
}

/**
 * What every storage driver must do, as some seventy cases. Nearly every call of a case goes to a fresh driver, and every
 * upload state through JSON. Cases use keys of their own below a random prefix and delete what they made.
 */
export function storageDriverSuite({test, open, title = '', ...given}: StorageDriverSuiteOptions): void {
	const settings: SuiteSettings = {
		partSize: mebibyte,
		listedObjects: 2_500,
		uploadsAtOnce: 100,
		largeObjectSize: 64 * mebibyte,
		memoryGrowth: 32 * mebibyte,
		localPaths: false,
		signedUrls: false,
		signedUrlsExpire: true,
		abortsAreFinal: true,
		settleMilliseconds: 60_000,
		...given,
	};
	const define = defineCase(test, open, title);
	const topics = [
		roundTrips,
		reads,
		appends,
		brokenAppends,
		seals,
		moves,
		deletions,
		lists,
		signals,
		load,
		waysAround,
		failures,
	];
	for (const topic of topics) {
		topic(define, settings);
	}
}
