import {pipeline} from 'node:stream/promises';
import type {BlobRecord} from '../metadata/blob-records.ts';
import type {Storage} from '../storage/storage.ts';
import type {Abortable} from '../types/abortable.ts';
import {hashedBody} from './hashed-body.ts';
import {type ObjectFault, objectFaultOf} from './object-fault.ts';
import type {Pace} from './pace.ts';

/**
 * Reads the object of a blob where it is kept, past caches, and compares it with its digest. Undefined when it is as it
 * should be. Rejects when the signal aborts, and when the storage itself does not serve.
 */
export async function findObjectFault(
	storage: Storage,
	blob: BlobRecord,
	{pace, signal}: Abortable & {readonly pace?: Pace} = {},
): Promise<ObjectFault | undefined> {
	try {
		const source = await storage.read(blob.key, {signal, uncached: true});
		await pipeline(hashedBody(source, blob, {pace, signal}), async bytes => {
			for await (const chunk of bytes) {
				signal?.throwIfAborted();
				void chunk;
			}
		});
		return undefined;
	} catch (error) {
		return objectFaultOf(error, {storage, blob}, {signal});
	}
}
