import type {Digest} from '../oci/digest.ts';
import type {ImageName} from '../oci/image-name.ts';
import type {TagName} from '../oci/tag-name.ts';

/** A tag, or a manifest that nothing needs besides itself, as a policy looks at it. */
export interface RetainedItem {
	/** Undefined for a manifest without tags. */
	readonly tag?: TagName;
	readonly digest: Digest;
	/** When the tag was last set or, without one, the manifest stored. */
	readonly pushedAt: Date;
	/** When the manifest or an entry of it was last pulled, as far as was noted. */
	readonly pulledAt?: Date;
}

/** What of a repository policies decide about. */
export interface RetentionRecords {
	/**
	 * In byte order, after the tag `after`; besides tags that came with another one, and those that tell of a manifest of
	 * the image, such as `sha256-<hex>.sig`: these go with what they belong to.
	 */
	listRetainedTags(image: ImageName, page: RetainedPage): Promise<readonly RetainedItem[]>;
	/** In order of their digests, after `after`: manifests without tag that no index names and that refer to no other. */
	listRetainedManifests(image: ImageName, page: RetainedPage): Promise<readonly RetainedItem[]>;
}

export interface RetainedPage {
	readonly after?: string;
	readonly limit: number;
}
