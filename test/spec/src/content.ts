import {createHash, randomBytes} from 'node:crypto';

export const mediaTypes = {
	config: 'application/vnd.oci.image.config.v1+json',
	dockerConfig: 'application/vnd.docker.container.image.v1+json',
	dockerImage: 'application/vnd.docker.distribution.manifest.v2+json',
	dockerIndex: 'application/vnd.docker.distribution.manifest.list.v2+json',
	dockerLayer: 'application/vnd.docker.image.rootfs.diff.tar.gzip',
	empty: 'application/vnd.oci.empty.v1+json',
	image: 'application/vnd.oci.image.manifest.v1+json',
	index: 'application/vnd.oci.image.index.v1+json',
	layer: 'application/vnd.oci.image.layer.v1.tar+gzip',
} as const;

/** A descriptor of the image specification, as tests write it. */
export interface ContentDescriptor {
	readonly mediaType: string;
	readonly digest: string;
	readonly size: number;
	readonly artifactType?: string;
	readonly annotations?: Readonly<Record<string, string>>;
	readonly platform?: Readonly<Record<string, string>>;
	readonly urls?: readonly string[];
	readonly data?: string;
}

/** Bytes with what describes them. */
export interface Content {
	readonly bytes: Buffer;
	readonly mediaType: string;
	readonly digest: string;
	readonly descriptor: ContentDescriptor;
}

/** Computed with Node's own hash and not with the registry's code. */
export function digest(bytes: Buffer | string, algorithm: 'sha256' | 'sha512' = 'sha256'): string {
	return `${algorithm}:${createHash(algorithm).update(bytes).digest('hex')}`;
}

export function content(
	data: Buffer | string,
	mediaType: string = mediaTypes.layer,
	algorithm: 'sha256' | 'sha512' = 'sha256',
): Content {
	const bytes = Buffer.from(data as string);
	const name = digest(bytes, algorithm);
	return {bytes, mediaType, digest: name, descriptor: {mediaType, digest: name, size: bytes.length}};
}

/** A blob that nothing else in the world has. */
export function randomContent(size = 512, algorithm: 'sha256' | 'sha512' = 'sha256'): Content {
	return content(randomBytes(size), mediaTypes.layer, algorithm);
}

/** The empty descriptor of the image specification ("Guidance for an Empty Descriptor"). */
export const emptyContent = content('{}', mediaTypes.empty);

/** A manifest of whatever form; its media type is the one that it names unless another is given. */
export function manifest(body: object, mediaType?: string, algorithm: 'sha256' | 'sha512' = 'sha256'): Content {
	const named = (body as {mediaType?: string}).mediaType;
	return content(JSON.stringify(body), mediaType ?? named ?? mediaTypes.image, algorithm);
}

export interface ImageParts {
	readonly config?: Content;
	readonly layers?: readonly Content[];
	/** Members added to the manifest, or put in place of its own. */
	readonly more?: object;
	readonly algorithm?: 'sha256' | 'sha512';
}

export function imageManifest({config = emptyContent, layers = [], more = {}, algorithm}: ImageParts = {}): Content {
	const body = {
		schemaVersion: 2,
		mediaType: mediaTypes.image,
		config: config.descriptor,
		layers: layers.map(layer => layer.descriptor),
		...more,
	};
	return manifest(body, undefined, algorithm);
}

export function indexManifest(manifests: readonly ContentDescriptor[], more: object = {}): Content {
	return manifest({schemaVersion: 2, mediaType: mediaTypes.index, manifests, ...more});
}
