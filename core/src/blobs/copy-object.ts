import {randomUUID} from 'node:crypto';
import type {Readable} from 'node:stream';
import type {BlobRecord} from '../metadata/blob-records.ts';
import type {UploadState} from '../storage/driver.ts';
import type {Storage} from '../storage/storage.ts';
import type {Abortable} from '../types/abortable.ts';
import {blobKey, uploadKey} from './blob-keys.ts';
import {WrongBlobError, hashedBody} from './hashed-body.ts';
import {type ObjectFault, objectFaultOf} from './object-fault.ts';
import type {Pace} from './pace.ts';

interface CopyObjectParts {
	readonly from: Storage;
	readonly to: Storage;
	readonly pace?: Pace;
}

/**
 * Brings the object of a blob from one storage to another, verified and past caches. Resolves to the new key there; or to
 * what is wrong with the object, and then nothing is left behind. Rejects when either storage does not serve.
 */
export async function copyObject(
	{from, to, pace}: CopyObjectParts,
	blob: BlobRecord,
	{signal}: Abortable,
): Promise<{readonly key: string} | ObjectFault> {
	const id = randomUUID();
	const key = blobKey(blob.digest, id);
	let source: Readable | undefined;
	let body: Readable | undefined;
	let state: UploadState | undefined;
	try {
		source = await from.read(blob.key, {signal, uncached: true});
		state = await to.createUpload(uploadKey(id), {signal, uncached: true});
		body = hashedBody(source, blob, {pace, signal});
		state = await to.appendUpload(state, body, {signal});
		await to.sealUpload(state, {signal});
		await to.move(state.key, key, {signal});
		return {key};
	} catch (error) {
		if (state !== undefined) {
			// The first error counts; a sweep finds what stays.
			await to.abortUpload(state).catch(() => undefined);
		}
		const reason = source === undefined ? error : faultOfSource(source, body);
		if (reason === undefined) {
			throw error;
		}
		return await objectFaultOf(reason, {storage: from, blob}, {signal});
	} finally {
		source?.destroy();
	}
}

/** The storage that stores takes what ends a body for a failure of its own, where it is one that it knows. */
function faultOfSource(source: Readable, body: Readable | undefined): Error | undefined {
	return source.errored ?? (body?.errored instanceof WrongBlobError ? body.errored : undefined);
}
