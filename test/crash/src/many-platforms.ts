import {randomBytes} from 'node:crypto';
import type {Connection} from './connection.ts';
import {digestOf, manifestType} from './random-image.ts';

const indexType = 'application/vnd.oci.image.index.v1+json';

/** An index and all that it needs. */
export interface ManyPlatforms {
	readonly blobs: readonly Buffer[];
	readonly manifests: readonly Buffer[];
	readonly index: Buffer;
}

/** An image for so many platforms, of a configuration and a layer each and of a layer that all of them share. */
export function manyPlatforms(count: number): ManyPlatforms {
	const shared = randomBytes(50_000);
	const parts = Array.from({length: count}, (_, number) => {
		const config = Buffer.from(JSON.stringify({architecture: `arch${number}`, os: 'linux'}));
		const layer = randomBytes(20_000);
		const manifest = Buffer.from(
			JSON.stringify({
				schemaVersion: 2,
				mediaType: manifestType,
				config: describe(config, 'application/vnd.oci.image.config.v1+json'),
				layers: [layer, shared].map(bytes => describe(bytes, 'application/vnd.oci.image.layer.v1.tar')),
			}),
		);
		return {config, layer, manifest};
	});
	const manifests = parts.map(({manifest}) => manifest);
	const entries = manifests.map((manifest, number) => ({
		...describe(manifest, manifestType),
		platform: {architecture: `arch${number}`, os: 'linux'},
	}));
	return {
		blobs: [shared, ...parts.flatMap(({config, layer}) => [config, layer])],
		manifests,
		index: Buffer.from(JSON.stringify({schemaVersion: 2, mediaType: indexType, manifests: entries})),
	};
}

/** Pushes everything, whether it is there or not. Gives all statuses. */
export async function pushAll(
	connection: Connection,
	image: string,
	tag: string,
	content: ManyPlatforms,
): Promise<number[]> {
	const statuses: number[] = [];
	for (const blob of content.blobs) {
		statuses.push(...(await pushBlob(connection, image, blob)));
	}
	for (const manifest of content.manifests) {
		statuses.push(
			await putManifest(connection, `/v2/${image}/manifests/${digestOf(manifest)}`, manifest, manifestType),
		);
	}
	statuses.push(await putManifest(connection, `/v2/${image}/manifests/${tag}`, content.index, indexType));
	return statuses;
}

/** As docker does it: POST, PATCH, PUT. Gives the statuses. */
export async function pushBlob(connection: Connection, image: string, blob: Buffer): Promise<number[]> {
	const started = await connection.call('POST', `/v2/${image}/blobs/uploads/`);
	const continued = await connection.call('PATCH', started.location!, {body: blob});
	const end = continued.location!;
	const ended = await connection.call('PUT', `${end}${end.includes('?') ? '&' : '?'}digest=${digestOf(blob)}`);
	return [started.status, continued.status, ended.status];
}

async function putManifest(connection: Connection, path: string, body: Buffer, type: string): Promise<number> {
	return (await connection.call('PUT', path, {headers: {'content-type': type}, body})).status;
}

function describe(bytes: Buffer, mediaType: string): {mediaType: string; digest: string; size: number} {
	return {mediaType, digest: digestOf(bytes), size: bytes.length};
}
