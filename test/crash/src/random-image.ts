import {createHash, randomBytes, randomInt} from 'node:crypto';

export const manifestType = 'application/vnd.oci.image.manifest.v1+json';

export interface RandomImage {
	/** By digest. */
	readonly blobs: ReadonlyMap<string, Buffer>;
	readonly manifest: Buffer;
	readonly digest: string;
}

export function digestOf(bytes: Buffer): string {
	return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}

/** An image of a configuration and two layers. `shared` is one of them, if given: real images have most layers in common. */
export function randomImage(shared?: Buffer): RandomImage {
	const large = randomInt(8) === 0;
	const layer = randomBytes(large ? randomInt(1_000_000, 3_000_000) : randomInt(1000, 200_000));
	const config = Buffer.from(JSON.stringify({architecture: 'amd64', os: 'linux', id: randomBytes(16).toString('hex')}));
	const blobs = new Map(
		[config, layer, shared ?? randomBytes(randomInt(1000, 50_000))].map(blob => [digestOf(blob), blob]),
	);
	const [first, ...layers] = [...blobs].map(([digest, {length}]) => ({digest, size: length}));
	const manifest = Buffer.from(
		JSON.stringify({
			schemaVersion: 2,
			mediaType: manifestType,
			config: {mediaType: 'application/vnd.oci.image.config.v1+json', ...first},
			layers: layers.map(entry => ({mediaType: 'application/vnd.oci.image.layer.v1.tar', ...entry})),
		}),
	);
	return {blobs, manifest, digest: digestOf(manifest)};
}
