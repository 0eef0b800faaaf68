import {
	type Digest,
	digestOf,
	dockerConfigType,
	dockerManifestType,
	ociConfigType,
	ociManifestType,
	parseDigest,
} from '@stowage/core';
import {type ChainLink, type ImageForm, buildConfig} from './build-config.ts';
import type {ConvertedLayer} from './convert-layer.ts';
import type {V1ImageJson} from './v1-image-json.ts';

interface Bytes {
	readonly mediaType: string;
	readonly digest: Digest;
	readonly bytes: Buffer;
}

/** An image as a registry of today stores it, besides the blobs of its layers. */
export interface BuiltImage {
	readonly manifest: Bytes;
	readonly config: Bytes;
	/** Of `emptyLayerBytes`, where they are its only layer. */
	readonly stand: Digest | undefined;
}

const types = {
	docker: {
		manifest: dockerManifestType,
		config: dockerConfigType,
		layer: 'application/vnd.docker.image.rootfs.diff.tar.gzip',
	},
	oci: {
		manifest: ociManifestType,
		config: ociConfigType,
		layer: 'application/vnd.oci.image.layer.v1.tar+gzip',
	},
} as const;

/** The gzipped empty tar of old engines: the layer of an image in which nothing changes any file, for it must have one. */
export const emptyLayerBytes = Buffer.from('H4sIAAAJbogA/2IYBaNgFIxYAAgAAP//Lq+17wAEAAA=', 'base64');
const emptyLayer = {
	digest: digestOf(emptyLayerBytes),
	size: emptyLayerBytes.length,
	diffId: parseDigest('sha256:5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef'),
};

/**
 * The manifest and the config of a chain of V1 images, the lowest first, with what became of their layers: schema 2
 * of Docker, or an OCI image. The same chain always gives the same bytes.
 */
export function buildImage(
	chain: readonly (readonly [image: V1ImageJson, layer: ConvertedLayer])[],
	form: ImageForm,
): BuiltImage {
	const bare = chain.every(([, layer]) => layer.empty);
	const used = chain.map(([image, layer], index) => {
		const stand = bare && index === chain.length - 1 ? emptyLayer : undefined;
		return {image, layer: layer.empty ? stand : layer};
	});
	const links: readonly ChainLink[] = used.map(({image, layer}) => ({image, diffId: layer?.diffId}));
	const config = bytesOf(buildConfig(links, form), types[form].config);
	const layers = used.flatMap(({layer}) =>
		layer === undefined ? [] : [{mediaType: types[form].layer, size: layer.size, digest: layer.digest}],
	);
	const document = {
		schemaVersion: 2,
		mediaType: types[form].manifest,
		config: {mediaType: config.mediaType, size: config.bytes.length, digest: config.digest},
		layers,
	};
	const manifest = bytesOf(Buffer.from(JSON.stringify(document)), document.mediaType);
	return {manifest, config, stand: bare ? emptyLayer.digest : undefined};
}

function bytesOf(bytes: Buffer, mediaType: string): Bytes {
	return {mediaType, digest: digestOf(bytes), bytes};
}
