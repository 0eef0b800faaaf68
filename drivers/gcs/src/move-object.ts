import {type Abortable, MissingError} from '@stowage/core';
import type {Bucket} from './bucket.ts';
import {RefusalError, isMissing} from './errors.ts';

/** Answers of services that have no call for moving, as emulators and buckets that are no longer made have not. */
const unsupported = [400, 404, 405, 501];

/** Moves in one step where the service can, else copies and deletes. Resolves too when it was done before. */
export async function moveObject(bucket: Bucket, from: string, to: string, options: Abortable): Promise<void> {
	try {
		await bucket.move(from, to, options);
		return;
	} catch (error) {
		if (!(error instanceof RefusalError && unsupported.includes(error.status))) {
			throw error;
		}
	}
	try {
		await bucket.copy(from, to, options);
	} catch (error) {
		if (!isMissing(error)) {
			throw error;
		}
		if ((await bucket.find(to, options)) === undefined) {
			throw new MissingError(`there is no object ${from}`, {cause: error});
		}
		return;
	}
	await bucket.delete(from, options);
}
