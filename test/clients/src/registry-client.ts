import {createHash} from 'node:crypto';
import type {RegistryWorld} from './registry-world.ts';

export const manifestTypes = [
	'application/vnd.oci.image.index.v1+json',
	'application/vnd.docker.distribution.manifest.list.v2+json',
	'application/vnd.oci.image.manifest.v1+json',
	'application/vnd.docker.distribution.manifest.v2+json',
];

export interface StoredManifest {
	readonly status: number;
	/** Of the bytes that came. */
	readonly digest: string;
	readonly type: string;
	readonly manifest: {
		readonly mediaType?: string;
		readonly config?: {readonly digest: string; readonly mediaType: string};
		readonly layers?: readonly {readonly digest: string; readonly mediaType: string}[];
		readonly manifests?: readonly {
			readonly digest: string;
			readonly platform?: {readonly architecture: string; readonly os: string; readonly variant?: string};
		}[];
	};
}

/** What the registry itself says it has: a look past the clients. */
export async function readManifest(world: RegistryWorld, image: string, reference: string): Promise<StoredManifest> {
	const {user, password} = world.credentials;
	const answer = await fetch(`${world.registry.url}/v2/docker-local/${image}/manifests/${reference}`, {
		headers: {
			accept: manifestTypes.join(', '),
			authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`,
		},
	});
	const bytes = Buffer.from(await answer.arrayBuffer());
	return {
		status: answer.status,
		digest: `sha256:${createHash('sha256').update(bytes).digest('hex')}`,
		type: answer.headers.get('content-type') ?? '',
		manifest: JSON.parse(bytes.toString()) as StoredManifest['manifest'],
	};
}
