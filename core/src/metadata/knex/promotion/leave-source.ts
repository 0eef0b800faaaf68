import type {Digest} from '../../../oci/digest.ts';
import type {TagName} from '../../../oci/tag-name.ts';
import {chunks} from '../chunks.ts';
import {deleteManifestRows} from '../delete-manifest-rows.ts';
import type {ImageGraph} from '../image-graph.ts';
import type {WriteRules} from '../../write-rules.ts';
import {findStaying} from '../removal/find-staying.ts';
import {readDerivedTags} from '../rules/derived-tags.ts';
import {demandMutable} from '../rules/immutable-tags.ts';
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
	readonly rules: WriteRules | undefined;
}

/**
 * Takes from the source what was moved: the tag, and of the graph whatever no other tag, no other index and no other
 * subject of the image needs, with the tags that tell of it. The image is locked.
 */
export async function leaveSource(session: Session, {imageId, graph, tag, rules}: LeaveRequest): Promise<Left> {
	const derived = tag === undefined ? [] : (await readDerivedTags(session, imageId, [tag])).map(one => one.tag);
	const tags = tag === undefined ? [] : [tag, ...derived];
	const staying = tag === undefined ? new Set<Digest>() : await findStaying(session, leavingOf(imageId, graph, tags));
	const leaving = [...graph.values()].filter(node => !staying.has(node.digest));
	const removedTags = [...new Set([...tags, ...leaving.flatMap(node => node.tags)])].toSorted();
	demandMutable(
		rules,
		removedTags.filter(name => !derived.includes(name)),
	);
	for (const part of chunks(removedTags)) {
		await session.run('tags', tags => tags.where('image_id', imageId).whereIn('name', part).delete());
	}
	await deleteManifestRows(
		session,
		leaving.map(node => node.id),
	);
	return {removedTags, removedManifests: leaving.map(node => node.digest)};
}

/** The first of the tags is the one that leaves, the others came with it. */
function leavingOf(imageId: number, graph: ImageGraph, tags: readonly TagName[]) {
	const roots = [...graph.values()].filter(node => node.tags.some(name => name === tags[0]));
	return {
		imageId,
		graph,
		roots: new Set(roots.map(node => node.digest)),
		tags: new Set(tags),
		forced: new Set<Digest>(),
		histories: new Set(tags),
	};
}
