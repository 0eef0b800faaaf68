import {rm} from 'node:fs/promises';
import {runClient} from '../run-client.ts';

export interface PullOptions {
	/** `user:password`. */
	readonly credentials?: string;
	/** Where the image is put meanwhile. */
	readonly folder: string;
}

/** Pulls an image with skopeo, which checks every digest and writes the layers to disk, and gives the seconds it took. */
export async function pull(image: string, {credentials, folder}: PullOptions): Promise<number> {
	const login = credentials === undefined ? [] : ['--src-creds', credentials];
	const started = performance.now();
	await runClient('skopeo', [
		'copy',
		'--quiet',
		'--src-tls-verify=false',
		...login,
		`docker://${image}`,
		`dir:${folder}`,
	]);
	const seconds = (performance.now() - started) / 1000;
	await rm(folder, {recursive: true});
	return seconds;
}
