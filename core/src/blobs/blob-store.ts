import type {FileHandle} from 'node:fs/promises';
import type {Readable} from 'node:stream';
import type {BlobRecord} from '../metadata/blob-records.ts';
import type {Descriptor} from '../oci/descriptor.ts';
import type {Digest, DigestAlgorithm} from '../oci/digest.ts';
import type {ImageName} from '../oci/image-name.ts';
import type {UploadBody} from '../storage/driver.ts';
import type {Abortable} from '../types/abortable.ts';
import type {ByteRange} from '../types/byte-range.ts';
import type {CopySource} from './copy-through/copy-source.ts';
import type {Upload} from './upload.ts';

/**
 * Either the bytes, or a place to fetch them. The HTTP layer alone turns this into 200, 206, 307 or a local file.
 * `size` is how many bytes were asked for, so that of a range is the range's; `open` gives those bytes. `url` and `path`
 * mean the whole blob.
 */
export type BlobContent =
	| {readonly kind: 'bytes'; readonly size: number; readonly body: UploadBody}
	| {
			readonly kind: 'file';
			readonly size: number;
			readonly path: string;
			readonly open: () => Promise<Readable>;
			/** The whole file, for a sender with buffers of its own, where the storage can give it; to be closed by whoever asks. */
			readonly openFile?: () => Promise<FileHandle>;
	  }
	| {readonly kind: 'elsewhere'; readonly size: number; readonly url: URL};

export interface OpenBlobOptions extends Abortable {
	readonly range?: ByteRange;
	/** Whether the reader can follow a redirect. A repository that copies what it reads leaves it out. */
	readonly redirect?: boolean;
}

/** Whose upload it is: an image of a repository, and the user who pushes. */
export interface UploadOwner {
	readonly image: ImageName;
	readonly startedBy: string;
}

export interface StartUploadOptions extends Abortable {
	/** The algorithm that the commit will most likely name; sha256 unless told. */
	readonly algorithm?: DigestAlgorithm;
	/** Rejects with `TOOMANYREQUESTS` when whoever starts it has that many uploads open, on whatever repository. */
	readonly openAtMost?: number;
}

/** What is known of a blob before it is here. */
export interface ExpectedBlob {
	readonly digest: Digest;
	/** Bytes. */
	readonly size: number;
}

export interface CopyThroughOptions extends Abortable {
	readonly range?: ByteRange;
}

/** Content-addressed blobs on one storage, as one repository sees them. The bytes are shared with every other one on it. */
export interface BlobStore {
	/** Name of the storage. */
	readonly storage: string;
	/** Whether this storage has it, whoever holds it: nobody may be told, or given it, before it is known that he may. */
	find(digest: Digest): Promise<BlobRecord | undefined>;
	open(blob: BlobRecord, options?: OpenBlobOptions): Promise<BlobContent>;
	/** Rejects with `QuotaExceededError`, as a commit and `hold` do, when there is no room for more. */
	startUpload(owner: UploadOwner, options?: StartUploadOptions): Promise<Upload>;
	/** Undefined too when the upload is another image's or was started by somebody else. */
	findUpload(owner: UploadOwner, id: string): Promise<Upload | undefined>;
	/** Lets the image hold what is stored already. Undefined when this storage does not have it. */
	hold(image: ImageName, digest: Digest): Promise<Descriptor | undefined>;
	/**
	 * Passes on what `source` gives, from the first byte on, while it is verified and stored: then the image holds the blob.
	 * Whoever asks for the same digest meanwhile joins the transfer, which goes on when readers leave; a source that breaks
	 * off is asked to go on. A part of the blob is served as soon as it has come, or from the source itself. The body ends
	 * with an error instead of its last bytes when the bytes are not those of the digest. Undefined when the source does
	 * not give the blob to this image.
	 */
	copyThrough(
		owner: UploadOwner,
		expected: ExpectedBlob,
		source: CopySource,
		options?: CopyThroughOptions,
	): Promise<BlobContent | undefined>;
}
