import type {Descriptor} from '../oci/descriptor.ts';
import type {Digest} from '../oci/digest.ts';
import type {ImageName} from '../oci/image-name.ts';
import type {TagName} from '../oci/tag-name.ts';
import type {RetainedItem} from './retention-records.ts';

export interface RemovedTag {
	readonly tag: TagName;
	readonly digest: Digest;
}

/** What is to go from an image. What is not there is passed over. */
export interface RemovalRequest {
	/** With a `digest`, a tag goes only while it names that manifest. */
	readonly tags?: readonly {readonly tag: TagName; readonly digest?: Digest}[];
	/** Go with all their tags, unless an index that stays names them. */
	readonly manifests?: readonly Digest[];
	/** Go unless a tag that stays, an index that stays or a subject that stays needs them. */
	readonly unneeded?: readonly Digest[];
	/** Tags, and manifests without one that go as `unneeded` ones do. */
	readonly retained?: RetainedRequest;
}

/** What a policy chose: it goes only while it is as it was looked at. */
export interface RetainedRequest {
	/** A tag that was set again meanwhile stays, as does a manifest that was pushed again. */
	readonly items: readonly RetainedItem[];
	/** Whether what was pulled meanwhile stays, too. */
	readonly unlessPulled: boolean;
}

export interface Removal {
	/** In byte order; with those that tell of a manifest which goes, such as `sha256-<hex>.sig`. */
	readonly tags: readonly RemovedTag[];
	readonly manifests: readonly Descriptor[];
}

export interface RemovalOptions {
	/** Tells what would go, and changes nothing. */
	readonly dryRun?: boolean;
}

export interface EverythingOptions extends RemovalOptions {
	/** How many manifests go at a time, besides what only they need. */
	readonly limit: number;
}

/** Of one repository. */
export interface RemovalRecords {
	/**
	 * Takes from the image what is asked and all that only this needed, in one transaction: entries of an index, what
	 * refers to a manifest (`subject`, and tags such as `sha256-<hex>.sig`), and so on. What a tag, an index or a subject
	 * that stays needs, stays. Blobs that no manifest needs any more are collected later.
	 */
	remove(image: ImageName, request: RemovalRequest, options?: RemovalOptions): Promise<Removal>;
	/**
	 * Takes a part of the image, to be called until it finds nothing: what is there in between is whole, since an index
	 * goes before its entries and what refers to a manifest goes with it. A dry run tells the same part each time, so its
	 * `limit` has to be as large as the image.
	 */
	removeEverything(image: ImageName, options: EverythingOptions): Promise<Removal>;
}
