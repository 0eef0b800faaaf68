import type {Digest} from '../../../oci/digest.ts';
import type {TagName} from '../../../oci/tag-name.ts';
import {chunks} from '../chunks.ts';
import {deleteManifestRows} from '../delete-manifest.ts';
import type {ImageGraph} from '../image-graph.ts';
import {findStaying} from '../removal/find-staying.ts';
import type {Session} from '../session.ts';

export interface Left {
	readonly removedTags: readonly TagName[];
	readonly removedManifests: readonly Digest[];
}

interface LeaveRequest {
	readonly imageId: number;
	readonly graph: ImageGraph;
	/** Undefined: all of it. */
	readonly tag: TagName | undefined;
}

/**
 * Takes from the source what was moved: the tag, and of the graph whatever no other tag, no other index and no other
 * subject of the image needs, with the tags that tell of it. The image is locked.
 */
export async function leaveSource(session: Session, {imageId, graph, tag}: LeaveRequest): Promise<Left> {
	const staying = tag === undefined ? new Set<Digest>() : await findStaying(session, leavingOf(imageId, graph, tag));
	const leaving = [...graph.values()].filter(node => !staying.has(node.digest));
	const removedTags = [
		...new Set([...(tag === undefined ? [] : [tag]), ...leaving.flatMap(node => node.tags)]),
	].toSorted();
	for (const part of chunks(removedTags)) {
		await session.run('tags', tags => tags.where('image_id', imageId).whereIn('name', part).delete());
	}
	await deleteManifestRows(
		session,
		leaving.map(node => node.id),
	);
	return {removedTags, removedManifests: leaving.map(node => node.digest)};
}

function leavingOf(imageId: number, graph: ImageGraph, tag: TagName) {
	const roots = new Set([...graph.values()].filter(node => node.tags.includes(tag)).map(node => node.digest));
	return {imageId, graph, roots, tags: new Set([tag]), forced: new Set<Digest>()};
}
