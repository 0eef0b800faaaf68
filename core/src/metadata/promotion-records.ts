import type {Descriptor} from '../oci/descriptor.ts';
import type {Digest} from '../oci/digest.ts';
import type {ImageName} from '../oci/image-name.ts';
import type {TagName} from '../oci/tag-name.ts';
import type {BlobRecord} from './blob-records.ts';
import type {Removal} from './removal-records.ts';
import type {WriteRules} from './write-rules.ts';

/** An image of a repository, by the `id` of its definition. */
export interface ImagePlace {
	readonly repository: number;
	readonly image: ImageName;
}

export interface PromotionRequest {
	readonly from: ImagePlace;
	readonly to: ImagePlace;
	/** Undefined for the whole image: all its manifests, with and without tags. */
	readonly tag?: TagName;
	/** What `tag` is called there; the same unless told. */
	readonly targetTag?: TagName;
	/** Whether the source keeps what it has. */
	readonly copy: boolean;
	/** Name of who promotes. */
	readonly by: string;
	/** Whether a tag of the target that names another manifest may be moved. */
	readonly mayMoveTags: boolean;
	/** Name of the storage that blobs must be on to be held by an image of another repository. */
	readonly storage: string;
	/** What the operators of both repositories want; `source` counts where it loses something. */
	readonly rules?: {readonly source?: WriteRules; readonly target?: WriteRules};
}

export interface PromotedTag {
	readonly tag: TagName;
	readonly manifest: Descriptor;
}

export type PromotionOutcome =
	| {
			readonly outcome: 'promoted';
			/** All that the target now has of it, whether it had it before or not. */
			readonly manifests: readonly Descriptor[];
			readonly tags: readonly PromotedTag[];
			/** What the source has no more. */
			readonly removedTags: readonly TagName[];
			readonly removedManifests: readonly Digest[];
			/** What the target has no more, as its rules say. */
			readonly replaced: Removal;
	  }
	/** There is no such image or tag. */
	| {readonly outcome: 'unknown'}
	| {readonly outcome: 'tag-exists'; readonly tags: readonly TagName[]}
	/** Blobs that the target's storage does not have for the target's image: to be copied, and asked again. */
	| {readonly outcome: 'uncopied'; readonly blobs: readonly BlobRecord[]};

export interface PromotionRecords {
	/**
	 * Gives the target what a tag of the source, or the whole source, is made of, in one transaction: the manifest, what
	 * an index names, what refers to any of it (`subject`, and tags such as `sha256-<hex>.sig`), and holds of all their
	 * blobs. Unless it is a copy, the source loses what nothing else of it needs. Nothing has been changed when it is not
	 * `promoted`. Rejects with `ImmutableTagsError`, `RefusedTypeError` or `QuotaExceededError` where it is against the rules.
	 */
	promote(request: PromotionRequest): Promise<PromotionOutcome>;
}
