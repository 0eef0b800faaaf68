import {BrokenPromise, expectStatus} from './broken-promise.ts';
import type {Connection} from './connection.ts';
import type {Journal} from './journal.ts';
import {digestOf, manifestType} from './random-image.ts';

/** Rejects when a blob that was acknowledged is not there byte for byte. */
export async function checkBlobs(connection: Connection, {blobs}: Journal): Promise<void> {
	for (const {image, digest, bytes} of blobs.values()) {
		const answer = await connection.call('GET', `/v2/${image}/blobs/${digest}`);
		if (answer.status !== 200 || !answer.body.equals(bytes)) {
			throw new BrokenPromise(`acknowledged blob ${digest} of ${image}`, {...answer, body: Buffer.alloc(0)});
		}
	}
}

/** Rejects when a manifest that was acknowledged is not there byte for byte, by its tag and by its digest. */
export async function checkManifests(connection: Connection, {manifests}: Journal): Promise<void> {
	for (const {image, tag, digest, bytes} of manifests.values()) {
		for (const reference of [tag, digest]) {
			const answer = await connection.call('GET', `/v2/${image}/manifests/${reference}`, {
				headers: {accept: manifestType},
			});
			if (answer.status !== 200 || !answer.body.equals(bytes)) {
				throw new BrokenPromise(`acknowledged manifest ${image}:${tag}`, answer);
			}
		}
	}
}

/** Rejects when a manifest under any tag that the registry lists, acknowledged or not, names a blob that is not there. Gives the digests of those blobs. */
export async function checkTags(connection: Connection, images: readonly string[]): Promise<Set<string>> {
	const seen = new Set<string>();
	for (const image of images) {
		const list = await connection.call('GET', `/v2/${image}/tags/list`);
		expectStatus(`tags of ${image}`, list, 200);
		for (const tag of (JSON.parse(list.body.toString()) as {tags: string[]}).tags) {
			const answer = await connection.call('GET', `/v2/${image}/manifests/${tag}`, {headers: {accept: manifestType}});
			expectStatus(`listed tag ${image}:${tag}`, answer, 200);
			for (const digest of blobsOf(answer.body)) {
				await checkContent(connection, image, digest);
				seen.add(digest);
			}
		}
	}
	return seen;
}

async function checkContent(connection: Connection, image: string, digest: string): Promise<void> {
	const answer = await connection.call('GET', `/v2/${image}/blobs/${digest}`);
	if (answer.status !== 200 || digestOf(answer.body) !== digest) {
		throw new BrokenPromise(`blob ${digest} of ${image}, which a manifest names`, {...answer, body: Buffer.alloc(0)});
	}
}

function blobsOf(manifest: Buffer): string[] {
	const {config, layers} = JSON.parse(manifest.toString()) as {config: {digest: string}; layers: {digest: string}[]};
	return [config, ...layers].map(({digest}) => digest);
}
