import type {Digest} from '../oci/digest.ts';
import type {ImageName} from '../oci/image-name.ts';
import type {TagName} from '../oci/tag-name.ts';

/** Values by name, in the order of the names. */
export type Properties = ReadonlyMap<string, readonly string[]>;

/** What properties are of: a repository, a folder or a file of it. They go when that goes. */
export interface PropertyPlace {
	/** Within the repository; empty for the repository itself. */
	readonly path: string;
	/** Of an image and all that is below it. */
	readonly image?: ImageName;
	/** Of what is below a tag, or the tag's folder itself. */
	readonly tag?: TagName;
	/** Of a file: the manifest that it is, or is a part of. When the tag names another, the file is another too. */
	readonly manifest?: Digest;
}

export interface PropertyChange {
	/** Values take the place of those of the same name. */
	readonly set?: Properties;
	/** Names of those that go. */
	readonly remove?: readonly string[];
}

export interface PropertyRecords {
	/** Of those of the paths that have any. */
	read(repository: number, paths: readonly string[]): Promise<ReadonlyMap<string, Properties>>;
	/** When properties of those of the paths that have any were last changed. */
	readTimes(repository: number, paths: readonly string[]): Promise<ReadonlyMap<string, Date>>;
	/**
	 * All at once. Places that are not there any more are passed over. Names are compared byte by byte. Rejects with 400,
	 * and changes nothing, when an item would have more than 1,000 values, or 256 KiB of them.
	 */
	change(repository: number, places: readonly PropertyPlace[], change: PropertyChange): Promise<void>;
	/** Paths that have a property of that name, and of that value if one is given, in byte order; those after `after`. */
	find(
		repository: number,
		wanted: {readonly name: string; readonly value?: string; readonly after?: string; readonly limit: number},
	): Promise<readonly string[]>;
}
