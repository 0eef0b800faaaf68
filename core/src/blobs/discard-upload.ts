import type {MetadataStore} from '../metadata/metadata-store.ts';
import type {UploadRecord} from '../metadata/upload-records.ts';
import type {Storage} from '../storage/storage.ts';

interface Parts {
	readonly storage: Storage;
	readonly metadata: MetadataStore;
}

/** Frees the bytes of an upload, then forgets it; the other way round a crash in between would leave them behind. */
export async function discardUpload({id, state}: UploadRecord, {storage, metadata}: Parts): Promise<void> {
	await storage.abortUpload(state);
	await metadata.uploads.delete(id);
}
