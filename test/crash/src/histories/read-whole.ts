import {type Digest, type ImageName, parseManifest} from '@stowage/core';
import type {HistoryWorld} from './history-world.ts';

export interface WholePlace {
	readonly repository: number;
	readonly image: ImageName;
	readonly digest: Digest;
}

/** False when it is not there. Rejects when something that it names is missing or wrong while it is there. */
export async function readWhole(world: HistoryWorld, place: WholePlace): Promise<boolean> {
	for (let tries = 0; tries < 10; tries++) {
		const trouble = await findTrouble(world, place);
		const {digest, image} = place;
		const stays = await (await world.repository(place.repository)).findManifest(image, {digest}, world);
		if (trouble === undefined || stays === undefined) {
			return stays !== undefined;
		}
		// It may have gone and come again in between, but not each time.
		if (tries === 9) {
			throw new Error(`${trouble} of ${digest} in ${image}`);
		}
	}
	return true;
}

async function findTrouble(world: HistoryWorld, {repository, image, digest}: WholePlace): Promise<string | undefined> {
	const asked = await world.repository(repository);
	const found = await asked.findManifest(image, {digest}, world);
	if (found === undefined) {
		return undefined;
	}
	const {references} = parseManifest(found.manifest.bytes, found.manifest.mediaType, digest);
	for (const {kind, descriptor} of references) {
		if (kind === 'manifest') {
			if (!(await readWhole(world, {repository, image, digest: descriptor.digest}))) {
				return `the entry ${descriptor.digest}`;
			}
		} else if (!(await isReadable(world, {repository, image, digest: descriptor.digest}))) {
			return `the blob ${descriptor.digest}`;
		}
	}
	return undefined;
}

async function isReadable(world: HistoryWorld, {repository, image, digest}: WholePlace): Promise<boolean> {
	try {
		const content = await (await world.repository(repository)).openBlob(image, digest, world);
		if (content?.kind !== 'bytes') {
			return false;
		}
		return (await content.body.toArray()).length > 0;
	} catch {
		return false;
	}
}
