import type {Digest} from '../../oci/digest.ts';
import type {BlobRecord} from '../blob-records.ts';

export interface BlobRow {
	readonly digest: string;
	readonly size: number;
	readonly storage: string;
	readonly storage_key: string;
}

export const blobColumns = ['digest', 'size', 'storage', 'storage_key'] as const;

export function toBlobRecord(row: BlobRow): BlobRecord {
	return {digest: row.digest as Digest, size: row.size, storage: row.storage, key: row.storage_key};
}
