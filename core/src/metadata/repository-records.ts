import type {Descriptor} from '../oci/descriptor.ts';
import type {Digest} from '../oci/digest.ts';
import type {ImageName} from '../oci/image-name.ts';
import type {ManifestRecord, StoredManifest} from '../oci/manifest-record.ts';
import type {Reference} from '../oci/reference.ts';
import type {TagName} from '../oci/tag-name.ts';
import type {Json} from '../types/json.ts';
import type {Page, PageRequest} from '../types/page.ts';
import type {BlobRecord} from './blob-records.ts';
import type {V1Records} from './v1-records.ts';
import type {Removal, RemovalRecords} from './removal-records.ts';
import type {RetentionRecords} from './retention-records.ts';
import type {Quota, WriteRules} from './write-rules.ts';

export interface FoundManifestRecord {
	readonly manifest: StoredManifest;
	/** When asked by tag: when that tag was last set. */
	readonly taggedAt?: Date;
}

export interface HeldBlob extends BlobRecord {
	/** When the image's hold began or was last renewed. */
	readonly heldAt: Date;
}

export interface PutManifestOptions {
	/** All of them are pointed at the manifest, or none. */
	readonly tags: readonly TagName[];
	/** Name of who pushes. */
	readonly by: string;
	/** Whether a tag that names another manifest may be moved. */
	readonly mayMoveTags: boolean;
	/** Whether an index may name manifests that the image does not have. */
	readonly sparse: boolean;
	/**
	 * Whether the manifest may name anything that the image does not have: that of a cache, which gets it when it is asked
	 * for. What is there is held all the same.
	 */
	readonly partial?: boolean;
	/**
	 * What the repository's operator wants. Rejects with `ImmutableTagsError`, `RefusedTypeError` or `QuotaExceededError`
	 * where that is against it.
	 */
	readonly rules?: WriteRules;
}

/** Refusals are values, since each becomes another answer. Nothing has been changed when it is not `stored`. */
export type PutManifestOutcome =
	| {
			readonly outcome: 'stored';
			/** Bytes that are held of what the rules have a quota for. */
			readonly totals?: Quota;
			/** What went because of it, as the rules say. */
			readonly removal?: Removal;
	  }
	/** Required references that the image neither holds as a blob nor has as a manifest. */
	| {readonly outcome: 'missing'; readonly references: readonly Descriptor[]}
	| {readonly outcome: 'tag-exists'; readonly tags: readonly TagName[]};

export interface RoomRequest {
	readonly quota: Quota | undefined;
	readonly bytes: number;
}

/** A manifest by the names that find it. */
export interface NamedManifest {
	readonly image: ImageName;
	readonly digest: Digest;
}

export interface ManifestPull extends NamedManifest {
	readonly at: Date;
}

export interface ListReferrersRequest extends PageRequest {
	readonly artifactType?: string;
}

export interface NamingIndex {
	readonly index: Descriptor;
	/** All that name the index. */
	readonly tags: readonly TagName[];
}

export interface RepositoryRecords extends RemovalRecords, RetentionRecords {
	/** What it has of Docker's first API. */
	readonly v1: V1Records;
	/** One query, of few microseconds: this is what pulling asks. */
	findManifest(image: ImageName, reference: Reference): Promise<FoundManifestRecord | undefined>;
	/**
	 * Stores the manifest, checks and holds all that it refers to, and points `tags` at it, in one transaction: after
	 * `stored`, nothing that it names can be collected or deleted before it. Storing it again moves the tags only.
	 */
	putManifest(image: ImageName, manifest: ManifestRecord, options: PutManifestOptions): Promise<PutManifestOutcome>;
	/**
	 * Takes its tags with it. `in-index`: an index of the image still names it, and nothing was changed. Throws
	 * `ImmutableTagsError` when `rules` make one of the tags immutable.
	 */
	deleteManifest(image: ImageName, digest: Digest, rules?: WriteRules): Promise<'deleted' | 'unknown' | 'in-index'>;
	/** With those that came with it. Throws `ImmutableTagsError` when `rules` make it immutable. */
	deleteTag(image: ImageName, tag: TagName, rules?: WriteRules): Promise<boolean>;
	/** In byte order. Undefined for an image that is not there. */
	listTags(image: ImageName, page: PageRequest): Promise<Page<TagName> | undefined>;
	/** In byte order: images that have a manifest. */
	listImages(page: PageRequest): Promise<Page<ImageName>>;
	/** Indexes of the image that have this manifest as an entry, in order of their digests; at most 1,000. */
	listIndexes(image: ImageName, digest: Digest): Promise<readonly NamingIndex[]>;
	/** In order of their digests; the cursor is the digest. Empty when the subject is unknown. */
	listReferrers(image: ImageName, subject: Digest, request: ListReferrersRequest): Promise<Page<Descriptor>>;

	/** A manifest of the image that refers to this digest, as a config, a layer or an entry; any, if there are several. */
	findReferring(image: ImageName, digest: Digest): Promise<StoredManifest | undefined>;
	/** Remembers when manifests were last asked for. Those that are not there any more are passed over. */
	notePulls(pulls: readonly ManifestPull[]): Promise<void>;
	/**
	 * At most `limit` manifests that were neither stored nor, as far as was noted, asked for since `before`, and that no
	 * index of their image names; the oldest first.
	 */
	findUnused(before: Date, limit: number): Promise<readonly NamedManifest[]>;

	/** Undefined unless this image holds the blob. */
	findBlob(image: ImageName, digest: Digest): Promise<HeldBlob | undefined>;
	/** Images of this repository that hold the blob, at most `limit`. */
	findHolders(digest: Digest, limit: number): Promise<readonly ImageName[]>;
	/**
	 * Lets the image hold a blob of `storage`, or renews its hold. False when there is no such blob, perhaps any more.
	 * Rejects with `QuotaExceededError` when the repository or the image would then hold more than `quota`.
	 */
	hold(image: ImageName, storage: string, digest: Digest, quota?: Quota): Promise<boolean>;
	/** Rejects with `QuotaExceededError` when the image could not hold so many bytes more; a cheap look, not the last word. */
	demandRoom(image: ImageName, room: RoomRequest): Promise<void>;
	/** Counts anew what quotas have had counted of this repository. Takes as long as it has many blobs. */
	recountHeld(): Promise<void>;
	/** `in-use`: a manifest of the image needs it, and nothing was changed. */
	release(image: ImageName, digest: Digest): Promise<'released' | 'unknown' | 'in-use'>;

	/** Small private values of the repository type: an ETag, a cursor, a token. */
	getValue(name: string): Promise<Json | undefined>;
	setValue(name: string, value: Json): Promise<void>;
}
