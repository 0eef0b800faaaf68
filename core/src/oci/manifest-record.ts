import type {Descriptor} from './descriptor.ts';
import type {Digest} from './digest.ts';

/** A manifest exactly as pushed. `bytes` is what the digest is of; nobody re-serialises it. */
export interface StoredManifest {
	readonly mediaType: string;
	readonly digest: Digest;
	readonly bytes: Buffer;
}

/** Something that a manifest names, in the order in which it names it. */
export interface ManifestReference {
	/** `manifest`: an entry of an index, which may turn out to be a blob (caches of BuildKit before 0.21). */
	readonly kind: 'config' | 'layer' | 'manifest';
	readonly descriptor: Descriptor;
	/** False for foreign layers, which a client fetches from elsewhere. */
	readonly required: boolean;
}

/** A manifest with what its bytes say, as `parseManifest` found it. */
export interface ManifestRecord extends StoredManifest {
	/** As the referrers API shows it: `artifactType`, else the config's media type, else empty for an index. */
	readonly artifactType?: string;
	readonly annotations?: Readonly<Record<string, string>>;
	readonly subject?: Digest;
	readonly references: readonly ManifestReference[];
}
