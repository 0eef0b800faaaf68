import type {Caller} from '../access/caller.ts';
import type {Upload} from '../blobs/upload.ts';
import type {Descriptor} from '../oci/descriptor.ts';
import type {Digest, DigestAlgorithm} from '../oci/digest.ts';
import type {ImageName} from '../oci/image-name.ts';
import type {Removal} from '../metadata/removal-records.ts';
import type {ManifestRecord} from '../oci/manifest-record.ts';
import type {TagName} from '../oci/tag-name.ts';
import type {Abortable} from '../types/abortable.ts';
import type {Repository} from './repository.ts';

export interface WriteOptions extends Abortable {
	readonly caller: Caller;
}

export interface StartPushOptions extends WriteOptions {
	/** From the `digest-algorithm` parameter (specification, end-4c). */
	readonly algorithm?: DigestAlgorithm;
}

export interface BlobSource {
	readonly repository: Repository;
	readonly image: ImageName;
}

export interface PushedManifest {
	readonly mediaType: string;
	readonly bytes: Buffer;
	/** Set when it was pushed by digest: other bytes are refused with `DIGEST_INVALID`. */
	readonly digest?: Digest;
	readonly tags: readonly TagName[];
}

/** A manifest that was stored. */
export interface StoredPush extends ManifestRecord {
	/** What went because of it, as the repository's rules say. */
	readonly removal?: Removal;
	/** What who pushed should know, in words for people: that a quota is nearly used up. */
	readonly warning?: string;
}

/**
 * What a push does. Authorisation of the call itself has been done by the server; `caller` is handed on for the record
 * (who pushed) and for what depends on it (overwriting a tag, reading the source of a mount).
 */
export interface RepositoryWriter {
	/** Rejects with `TOOMANYREQUESTS` when the caller has too many uploads open. */
	startUpload(image: ImageName, options: StartPushOptions): Promise<Upload>;
	/** Undefined too when the upload is another image's or another repository's. */
	findUpload(image: ImageName, id: string, options: WriteOptions): Promise<Upload | undefined>;
	/**
	 * Gives the image a blob without an upload: one that `from` has and the caller may read there (held when both are on
	 * one storage, else copied), or, without `from`, one that some image of this repository has, as far as the caller may
	 * read that: a repository need not look further than `image` for who is no administrator. `undefined` when the client
	 * must upload. Neither the answer nor the work that it takes depends on a blob that the caller may not read.
	 */
	mountBlob(
		image: ImageName,
		digest: Digest,
		from: BlobSource | undefined,
		options: WriteOptions,
	): Promise<Descriptor | undefined>;
	/** Rejects with `MANIFEST_INVALID`, `MANIFEST_BLOB_UNKNOWN`, `DIGEST_INVALID`, or `DENIED` for a tag not to be moved. */
	putManifest(image: ImageName, manifest: PushedManifest, options: WriteOptions): Promise<StoredPush>;
	/** Rejects with `DENIED` when an index of the image still names it. */
	deleteManifest(image: ImageName, digest: Digest, options: WriteOptions): Promise<boolean>;
	deleteTag(image: ImageName, tag: TagName, options: WriteOptions): Promise<boolean>;
	/** Rejects with `DENIED` when a manifest of the image needs it. */
	deleteBlob(image: ImageName, digest: Digest, options: WriteOptions): Promise<boolean>;
}
