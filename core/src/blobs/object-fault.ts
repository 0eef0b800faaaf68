import type {BlobRecord} from '../metadata/blob-records.ts';
import type {Storage} from '../storage/storage.ts';
import type {Abortable} from '../types/abortable.ts';
import {WrongBlobError} from './hashed-body.ts';

/** What is not as it should be with the object of a blob. `unreadable`: the storage serves, but not this object. */
export interface ObjectFault {
	readonly kind: 'missing' | 'wrong' | 'unreadable';
	readonly blob: BlobRecord;
	/** What the storage said, or what is there instead. */
	readonly message: string;
}

/**
 * What it means that reading the object of a blob failed. Rejects when the signal has aborted, and when the storage itself
 * does not serve: then nothing can be said of one of its objects.
 */
export async function objectFaultOf(
	error: unknown,
	{storage, blob}: {readonly storage: Storage; readonly blob: BlobRecord},
	{signal}: Abortable = {},
): Promise<ObjectFault> {
	signal?.throwIfAborted();
	const message = error instanceof Error ? error.message : String(error);
	if (error instanceof WrongBlobError) {
		return {kind: 'wrong', blob, message};
	}
	if (storage.classify(error) === 'not-found') {
		return {kind: 'missing', blob, message};
	}
	await storage.check({signal});
	return {kind: 'unreadable', blob, message};
}
