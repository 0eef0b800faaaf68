import type {Caller} from '../access/caller.ts';
import type {BlobContent} from '../blobs/blob-store.ts';
import type {Descriptor} from '../oci/descriptor.ts';
import type {Digest} from '../oci/digest.ts';
import type {ImageName} from '../oci/image-name.ts';
import type {StoredManifest} from '../oci/manifest-record.ts';
import type {Reference} from '../oci/reference.ts';
import type {TagName} from '../oci/tag-name.ts';
import type {Abortable} from '../types/abortable.ts';
import type {ByteRange} from '../types/byte-range.ts';
import type {Page, PageRequest} from '../types/page.ts';
import type {RepositoryTraits} from './repository-traits.ts';
import type {RepositoryWriter} from './repository-writer.ts';
import type {V1Images} from './v1/v1-images.ts';

export interface ReadOptions extends Abortable {
	readonly caller: Caller;
	/** Answer only from what is stored here. Lets a virtual repository ask every cache before any upstream. */
	readonly storedOnly?: boolean;
	/** With `storedOnly`: what is stored is made sure of as it is without that, be it at an upstream. What is not stored stays so. */
	readonly revalidate?: boolean;
	/** The host by which a client of a mirror knows the registry: only those members of others are asked that serve it. */
	readonly namespace?: string;
	/** Only asks whether it is there, as HEAD does: no pull, so none is told. That it was asked for may be noted. */
	readonly peek?: boolean;
}

export interface FoundManifest {
	readonly manifest: StoredManifest;
	/** Key of the repository that really holds it, behind any virtual one. */
	readonly repository: string;
	/** When asked by tag: when that tag was last set, for resolution by latest timestamp. */
	readonly taggedAt?: Date;
	/** What the client's user should know, as a sentence: that it may be out of date, for instance. */
	readonly warning?: string;
}

export interface FoundBlob {
	readonly descriptor: Descriptor;
	/** Key of the repository that really holds it. */
	readonly repository: string;
}

export interface OpenRepositoryBlobOptions extends ReadOptions {
	/**
	 * Called once the size is known, before anything is opened: says which part is wanted. Throws `RANGE_INVALID` when
	 * there is no such part. Without it, or when it gives `undefined`: all of it.
	 */
	readonly range?: (size: number) => ByteRange | undefined;
	/** Whether the caller can follow a redirect. A repository that copies what it reads leaves it out. */
	readonly redirect?: boolean;
}

export interface ReferrersRequest extends PageRequest {
	readonly artifactType?: string;
}

/**
 * A configured repository, seen as an OCI registry of its own. Reading gives `undefined` for what is not there and
 * throws only when something is wrong, so that a repository made of others can simply ask the next one.
 */
export interface Repository extends RepositoryTraits {
	findManifest(image: ImageName, reference: Reference, options: ReadOptions): Promise<FoundManifest | undefined>;
	/** An answer is a promise for the grace period: clients skip an upload on it. */
	findBlob(image: ImageName, digest: Digest, options: ReadOptions): Promise<FoundBlob | undefined>;
	openBlob(image: ImageName, digest: Digest, options: OpenRepositoryBlobOptions): Promise<BlobContent | undefined>;
	/** In byte order. Undefined when the image is not there. */
	listTags(image: ImageName, page: PageRequest, options: ReadOptions): Promise<Page<TagName> | undefined>;
	/** In byte order; leaves out what the caller may not read. */
	listImages(page: PageRequest, options: ReadOptions): Promise<Page<ImageName>>;
	/** In order of their digests, which are the cursor. Empty for an unknown subject. */
	listReferrers(
		image: ImageName,
		subject: Digest,
		request: ReferrersRequest,
		options: ReadOptions,
	): Promise<Page<Descriptor>>;
	/** Left out by a repository that nobody can push to. */
	readonly writer?: RepositoryWriter;
	/**
	 * What it has stored of what it gets from elsewhere, under the key `<key>-cache`: to be read, listed and deleted from.
	 * Only where its type says `cached`.
	 */
	readonly cache?: Repository;
	/** What it has of Docker's first API. Only where it speaks that: nothing of it is seen by the methods above. */
	readonly v1?: V1Images;
	close?(): Promise<void>;
}
