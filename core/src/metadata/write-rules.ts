import type {Digest} from '../oci/digest.ts';
import type {StoredManifest} from '../oci/manifest-record.ts';
import type {TagName} from '../oci/tag-name.ts';

/** How many bytes of blobs may be held, each blob counted once; any number where it is left out. */
export interface Quota {
	/** By all images of the repository together. */
	readonly repository?: number;
	/** By each of its images. */
	readonly image?: number;
}

/** A tag that comes with another one. */
export interface DerivedTag {
	readonly tag: TagName;
	/** What it names: an entry of the manifest that the other tag names. */
	readonly digest: Digest;
}

/** A tag that is not to be changed, and the operator's pattern that says so. */
export interface ImmutableTag {
	readonly tag: TagName;
	readonly pattern: string;
}

/**
 * What an operator said about the rows of one repository. Whoever stores manifests or points tags hands it on with what he
 * stores, so that the same counts for pushes, promotions and whatever else writes. A rule that is left out is none.
 */
export interface WriteRules {
	/** The pattern for which a tag is immutable: once it is there, it is neither moved nor deleted. */
	readonly immutableBy?: (tag: TagName) => string | undefined;
	/** How many tags an image keeps; the oldest go, besides immutable ones, derived ones and those that tell of a manifest. */
	readonly maxUniqueTags?: number;
	/** How many manifests that it named a tag keeps, the current one among them. */
	readonly tagRetention?: number;
	/** Whether manifests of this media type are refused. */
	readonly refusesType?: (mediaType: string) => boolean;
	/** The tags that come with `tag` when it names this manifest. */
	readonly derive?: (tag: TagName, manifest: StoredManifest) => readonly DerivedTag[];
	readonly quota?: Quota;
}
