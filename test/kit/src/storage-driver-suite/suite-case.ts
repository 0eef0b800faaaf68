import type {StorageDriver} from '@stowage/core';
import {SuiteWorld} from './suite-world.ts';

export type SuiteTest = (title: string, run: (t: unknown) => Promise<void>) => unknown;

export interface SuiteSettings {
	/** Bytes at which the driver cuts its parts or batches; sizes around it are tried. 1 MiB unless told. */
	readonly partSize: number;
	/** Objects that the longest list holds: more than a page of the backend. 2,500 unless told. */
	readonly listedObjects: number;
	/** Uploads under way at a time through one driver. 100 unless told. */
	readonly uploadsAtOnce: number;
	/** Bytes of the object that is stored and read in bounded memory. 64 MiB unless told. */
	readonly largeObjectSize: number;
	/** Bytes that may be held meanwhile, garbage apart. 32 MiB unless told; only a driver that stores in memory needs more. */
	readonly memoryGrowth: number;
	/** Whether the driver has `localPath`. No unless told. */
	readonly localPaths: boolean;
	/** Whether the driver has `signedUrl`. No unless told. */
	readonly signedUrls: boolean;
	/** Whether the backend under test minds the time in a signed address; some emulators do not. Yes unless told. */
	readonly signedUrlsExpire: boolean;
	/**
	 * Whether an upload that was aborted refuses to go on. Yes unless told; a driver that keeps the first bytes in the
	 * state, and so has nothing on the backend to miss, says no.
	 */
	readonly abortsAreFinal: boolean;
	/** How soon a call settles once its signal aborts. 60,000 ms unless told. */
	readonly settleMilliseconds: number;
	/** Opens a driver whose credentials or rights are too weak to look a key up. Left out where nobody can be refused. */
	readonly openDenied?: () => Promise<StorageDriver>;
}

export type DefineCase = (title: string, run: (world: SuiteWorld) => Promise<void>) => void;

/** A topic of the suite: defines its cases. */
export type Topic = (define: DefineCase, settings: SuiteSettings) => void;

/** Gives each case a world of its own and clears it away whatever happened. */
export function defineCase(test: SuiteTest, open: () => Promise<StorageDriver>, prefix: string): DefineCase {
	return (title, run) => {
		test(prefix === '' ? title : `${prefix}: ${title}`, async t => {
			const world = new SuiteWorld(open);
			try {
				await run(world);
			} finally {
				await world.clear();
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
