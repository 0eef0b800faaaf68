import {randomContent} from './content.ts';
import {octets} from './image-client.ts';
import type {RequestMethod} from './registry-client.ts';
import type {SpecWorld} from './specification.ts';

/** Something that can be asked of an image. */
export interface Attempt {
	readonly method: RequestMethod;
	readonly path: string;
	/** Whether it only reads. */
	readonly reads: boolean;
}

/** Everything that can be asked of an image, which is pushed so that all of it would succeed for an administrator. */
export async function attempts({image, registry}: SpecWorld): Promise<readonly Attempt[]> {
	const {manifest, layer} = await image.pushImage('latest');
	const loose = await image.pushBlob(randomContent());
	const upload = await image.startUpload();
	const {host} = new URL(registry.url);
	const reading = [
		'/manifests/latest',
		`/manifests/${manifest.digest}`,
		`/blobs/${layer.digest}`,
		'/tags/list',
		`/referrers/${manifest.digest}`,
	];
	const writing: readonly (readonly [RequestMethod, string])[] = [
		['POST', `${image.base}/blobs/uploads/`],
		['POST', `${image.base}/blobs/uploads/?digest=${loose.digest}`],
		['POST', `${image.base}/blobs/uploads/?mount=${layer.digest}&from=${image.name}`],
		['GET', upload],
		['PATCH', upload],
		['PUT', `${upload}?digest=${loose.digest}`],
		['DELETE', upload],
		['PUT', `${image.base}/manifests/latest`],
		['PUT', `${image.base}/manifests/${manifest.digest}?tag=latest`],
		['DELETE', `${image.base}/manifests/latest`],
		['DELETE', `${image.base}/manifests/${manifest.digest}`],
		['DELETE', `${image.base}/blobs/${loose.digest}`],
	];
	return [
		...reading.flatMap(path => [
			{method: 'GET' as const, path: image.base + path, reads: true},
			{method: 'HEAD' as const, path: image.base + path, reads: true},
			{method: 'GET' as const, path: `${image.base}${path}?ns=${host}`, reads: true},
		]),
		...writing.map(([method, path]) => ({method, path, reads: false})),
	];
}

/** Something to send with methods that send something. */
export function bodyFor(method: RequestMethod): {headers: Record<string, string>; body?: string} {
	return method === 'PATCH' || method === 'PUT' || method === 'POST' ? {headers: octets, body: 'bytes'} : {headers: {}};
}
