/** Image manifest of the OCI image specification (media-types.md). */
export const ociManifestType = 'application/vnd.oci.image.manifest.v1+json';
/** Image index of the OCI image specification; also the exact type of an answer of the referrers API. */
export const ociIndexType = 'application/vnd.oci.image.index.v1+json';
/** Config of an OCI container image. */
export const ociConfigType = 'application/vnd.oci.image.config.v1+json';
/** The two bytes `{}`: config or layer of an artifact that needs none (image-spec manifest.md, "Guidance for an Empty Descriptor"). */
export const ociEmptyType = 'application/vnd.oci.empty.v1+json';
/** Artifact manifest of the release candidates of image-spec 1.1, dropped before the release; what it holds is in `blobs`. */
export const ociArtifactManifestType = 'application/vnd.oci.artifact.manifest.v1+json';

/** Image manifest, version 2, schema 2, of Docker. */
export const dockerManifestType = 'application/vnd.docker.distribution.manifest.v2+json';
/** "Fat manifest" of Docker: its form of an index. */
export const dockerManifestListType = 'application/vnd.docker.distribution.manifest.list.v2+json';
/** Config of a Docker container image. */
export const dockerConfigType = 'application/vnd.docker.container.image.v1+json';
/** Schema 1, unsigned and signed: stored and served as pushed, never converted. */
export const dockerSchema1Type = 'application/vnd.docker.distribution.manifest.v1+json';
export const dockerSignedSchema1Type = 'application/vnd.docker.distribution.manifest.v1+prettyjws';

/** What a known manifest type holds: `image` config and layers, `index` manifests, `artifact` blobs, `schema1` fsLayers. */
export type ManifestKind = 'image' | 'index' | 'artifact' | 'schema1';

const manifestKinds: Readonly<Record<string, ManifestKind>> = {
	[ociManifestType]: 'image',
	[dockerManifestType]: 'image',
	[ociIndexType]: 'index',
	[dockerManifestListType]: 'index',
	[ociArtifactManifestType]: 'artifact',
	[dockerSchema1Type]: 'schema1',
	[dockerSignedSchema1Type]: 'schema1',
};

/** Undefined for a media type that is nobody's known manifest; such documents are stored all the same. */
export function findManifestKind(mediaType: string): ManifestKind | undefined {
	return Object.hasOwn(manifestKinds, mediaType) ? manifestKinds[mediaType] : undefined;
}

/** Every manifest type known here, for an `Accept` header towards an upstream. */
export const knownManifestTypes: readonly string[] = Object.keys(manifestKinds);

/** Layer types of container images; any other type is as welcome. */
export const knownLayerTypes: readonly string[] = [
	'application/vnd.oci.image.layer.v1.tar',
	'application/vnd.oci.image.layer.v1.tar+gzip',
	'application/vnd.oci.image.layer.v1.tar+zstd',
	'application/vnd.docker.image.rootfs.diff.tar',
	'application/vnd.docker.image.rootfs.diff.tar.gzip',
	'application/vnd.docker.image.rootfs.diff.tar.zstd',
];

const foreignLayers =
	/^application\/vnd\.(?:oci\.image\.layer\.nondistributable\.v1\.tar|docker\.image\.rootfs\.foreign\.diff\.tar)(?:[+.](?:gzip|zstd))?$/;

/** Whether a layer of this type is fetched from elsewhere, so that a registry need not have it. */
export function isForeignLayer(mediaType: string): boolean {
	return foreignLayers.test(mediaType);
}

/** RFC 6838, section 4.2. */
const mediaTypeGrammar = /^[a-zA-Z0-9][a-zA-Z0-9!#$&^_.+-]{0,126}\/[a-zA-Z0-9][a-zA-Z0-9!#$&^_.+-]{0,126}$/;

/** Whether `text` is a media type without parameters, as RFC 6838 writes it. */
export function isMediaType(text: string): boolean {
	return mediaTypeGrammar.test(text);
}

/** The media type of a `Content-Type` header: what stands before the parameters (RFC 9110, section 8.3). Case is kept. */
export function mediaTypeOf(contentType: string): string {
	const end = contentType.indexOf(';');
	return (end < 0 ? contentType : contentType.slice(0, end)).trim();
}
