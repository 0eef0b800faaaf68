import {setTimeout as sleep} from 'node:timers/promises';
import {type ImageName, RegistryError, type TagName} from '@stowage/core';
import type {Content} from '@stowage/testing';
import type {HistoryManifest} from './history-contents.ts';
import type {HistoryWorld} from './history-world.ts';

interface PromisedPush {
	readonly repository: number;
	readonly image: ImageName;
	readonly content: HistoryManifest;
	readonly tags: readonly TagName[];
	/** The repository whose image of the same name blobs are mounted from; undefined: they are asked for. */
	readonly from?: number;
	/** Parts of the grace period that pass before it is asked what is there, and after it. */
	readonly pauses: readonly [before: number, after: number];
}

/**
 * Pushes what it is not told to be there, as clients do, and the manifest only after a collection. Rejects when a blob is gone
 * that an answer has promised; however long that takes, only what goes within the grace period is held against anybody.
 */
export async function pushPromised(world: HistoryWorld, push: PromisedPush): Promise<void> {
	const {repository, image, content, tags, pauses} = push;
	const {bytes, mediaType, digest} = content.manifest;
	await world.pushBlobs(repository, image, content.blobs);
	await sleep(pauses[0] * world.gracePeriodMs);
	const promisedAt = Date.now();
	for (const blob of content.blobs) {
		if (!(await isPromised(world, push, blob))) {
			await world.pushBlobs(repository, image, [blob]);
		}
	}
	await sleep(pauses[1] * world.gracePeriodMs);
	await world.collect();
	const {writer} = await world.repository(repository);
	try {
		await writer?.putManifest(image, {bytes, mediaType, digest, tags}, {caller: world.caller});
	} catch (error) {
		const passed = Date.now() - promisedAt;
		if (error instanceof RegistryError && error.code === 'MANIFEST_BLOB_UNKNOWN' && passed < world.gracePeriodMs) {
			throw new Error(`a blob is gone ${passed} ms after it was promised`, {cause: error});
		}
		throw error;
	}
}

async function isPromised(world: HistoryWorld, push: PromisedPush, {digest}: Content): Promise<boolean> {
	const {repository, image, from} = push;
	const {caller} = world;
	const asked = await world.repository(repository);
	const found =
		from === undefined
			? await asked.findBlob(image, digest, {caller})
			: await asked.writer?.mountBlob(image, digest, {repository: await world.repository(from), image}, {caller});
	return found !== undefined;
}
