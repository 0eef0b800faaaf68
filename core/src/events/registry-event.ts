import type {Descriptor} from '../oci/descriptor.ts';
import type {Digest} from '../oci/digest.ts';
import type {ImageName} from '../oci/image-name.ts';
import type {TagName} from '../oci/tag-name.ts';

interface Happened {
	readonly at: Date;
	/** Key of the repository that held or now holds it. */
	readonly repository: string;
	readonly image: ImageName;
	readonly actor?: string;
}

/** What happened to a repository, told after the fact. */
export type RegistryEvent =
	| (Happened & {
			readonly type: 'manifest.pushed' | 'manifest.pulled';
			readonly manifest: Descriptor;
			readonly tag?: TagName;
	  })
	| (Happened & {readonly type: 'manifest.deleted'; readonly digest: Digest})
	| (Happened & {readonly type: 'tag.deleted'; readonly tag: TagName})
	| (Happened & {
			/** The tag now names here what it, or another tag, names or named in `from`. */
			readonly type: 'tag.promoted';
			readonly manifest: Descriptor;
			readonly tag: TagName;
			readonly from: {readonly repository: string; readonly image: ImageName};
	  })
	| (Happened & {readonly type: 'blob.pushed' | 'blob.pulled' | 'blob.mounted'; readonly blob: Descriptor})
	| (Happened & {readonly type: 'blob.deleted'; readonly digest: Digest});
