import {randomBytes} from 'node:crypto';
import {type Descriptor, type Digest, type DigestAlgorithm, digestOf} from '@stowage/core';

export const mediaTypes = {
	manifest: 'application/vnd.oci.image.manifest.v1+json',
	index: 'application/vnd.oci.image.index.v1+json',
	config: 'application/vnd.oci.image.config.v1+json',
	layer: 'application/vnd.oci.image.layer.v1.tar+gzip',
	empty: 'application/vnd.oci.empty.v1+json',
} as const;

/** Bytes with what a descriptor says of them. */
export interface Content {
	readonly bytes: Buffer;
	readonly mediaType: string;
	readonly digest: Digest;
	readonly descriptor: Descriptor;
}

/** A manifest and all blobs that it needs. */
export interface ImageFixture {
	readonly manifest: Content;
	readonly config: Content;
	readonly layers: readonly Content[];
	/** Config and layers. */
	readonly blobs: readonly Content[];
}

export interface ImageFixtureOptions {
	/** 2 unless told. */
	readonly layers?: number;
	/** Bytes of each layer; 3,000 unless told. */
	readonly layerSize?: number;
	readonly algorithm?: DigestAlgorithm;
	/** Further members of the manifest: `subject`, `annotations`, `artifactType`. */
	readonly members?: object;
	readonly configType?: string;
}

export function contentOf(bytes: Buffer, mediaType: string, algorithm?: DigestAlgorithm): Content {
	const digest = digestOf(bytes, algorithm);
	return {bytes, mediaType, digest, descriptor: {mediaType, digest, size: bytes.length}};
}

/** A blob of random bytes, unlike any other. */
export function blobFixture(size = 3_000, algorithm?: DigestAlgorithm): Content {
	return contentOf(randomBytes(size), mediaTypes.layer, algorithm);
}

/** An image of random layers, unlike any other. */
export function imageFixture(options: ImageFixtureOptions = {}): ImageFixture {
	const {layers: count = 2, layerSize = 3_000, algorithm, members = {}, configType = mediaTypes.config} = options;
	const layers = Array.from({length: count}, () => blobFixture(layerSize, algorithm));
	const settings = {architecture: 'amd64', os: 'linux', id: randomBytes(16).toString('hex')};
	const config = contentOf(Buffer.from(JSON.stringify(settings)), configType, algorithm);
	const manifest = contentOf(
		Buffer.from(
			JSON.stringify({
				schemaVersion: 2,
				mediaType: mediaTypes.manifest,
				config: config.descriptor,
				layers: layers.map(({descriptor}) => descriptor),
				...members,
			}),
		),
		mediaTypes.manifest,
		algorithm,
	);
	return {manifest, config, layers, blobs: [config, ...layers]};
}

/** An index of the given manifests, or of whatever the descriptors name. */
export function indexFixture(manifests: readonly Descriptor[], members: object = {}): Content {
	const document = {schemaVersion: 2, mediaType: mediaTypes.index, manifests, ...members};
	return contentOf(Buffer.from(JSON.stringify(document)), mediaTypes.index);
}

/** An artifact, with the empty config, that refers to `subject`. */
export function artifactFixture(
	subject: Descriptor,
	artifactType: string,
	annotations: Record<string, string> = {},
): ImageFixture {
	const config = contentOf(Buffer.from('{}'), mediaTypes.empty);
	const layers = [blobFixture(100)];
	const document = {
		schemaVersion: 2,
		mediaType: mediaTypes.manifest,
		artifactType,
		config: config.descriptor,
		layers: layers.map(({descriptor}) => descriptor),
		subject,
		annotations,
	};
	const manifest = contentOf(Buffer.from(JSON.stringify(document)), mediaTypes.manifest);
	return {manifest, config, layers, blobs: [config, ...layers]};
}
