import type {Digest} from '../../../oci/digest.ts';
import type {TagName} from '../../../oci/tag-name.ts';
import {chunks} from '../chunks.ts';
import {deleteManifestRows} from '../delete-manifest.ts';
import type {Session} from '../session.ts';
import {type PromotedGraph, type PromotedNode, isCompanion} from './promoted-graph.ts';

export interface Left {
	readonly removedTags: readonly TagName[];
	readonly removedManifests: readonly Digest[];
}

interface LeaveRequest {
	readonly imageId: number;
	readonly graph: PromotedGraph;
	/** Undefined: all of it. */
	readonly tag: TagName | undefined;
}

/**
 * Takes from the source what was moved: the tag, and of the graph whatever no other tag, no other index and no other
 * subject of the image needs, with the tags that tell of it. The image is locked.
 */
export async function leaveSource(session: Session, {imageId, graph, tag}: LeaveRequest): Promise<Left> {
	const staying = tag === undefined ? new Set<Digest>() : await findStaying(session, {imageId, graph, tag});
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

async function findStaying(
	session: Session,
	{imageId, graph, tag}: LeaveRequest & {readonly tag: TagName},
): Promise<ReadonlySet<Digest>> {
	const nodes = [...graph.values()];
	const tellsOf = (name: TagName) => nodes.find(node => isCompanion(name, node.digest));
	const staying = new Set(await findNamedByOthers(session, imageId, graph));
	const near = new Map<Digest, PromotedNode[]>();
	for (const node of nodes) {
		for (const name of node.tags) {
			const subject = tellsOf(name);
			if (subject !== undefined && subject !== node) {
				near.set(subject.digest, [...(near.get(subject.digest) ?? []), node]);
			} else if (name !== tag) {
				staying.add(node.digest);
			}
		}
		if (node.subject !== null && graph.has(node.subject)) {
			near.set(node.subject, [...(near.get(node.subject) ?? []), node]);
		}
	}
	// What stays keeps its entries and what refers to it; a set grows while it is walked.
	for (const digest of staying) {
		for (const child of graph.get(digest)?.children ?? []) {
			if (graph.has(child)) {
				staying.add(child);
			}
		}
		for (const node of near.get(digest) ?? []) {
			staying.add(node.digest);
		}
	}
	return staying;
}

/** What an index outside of the graph has as an entry, and what refers to a manifest outside of it. */
async function findNamedByOthers(session: Session, imageId: number, graph: PromotedGraph): Promise<readonly Digest[]> {
	const named: Digest[] = [];
	const own = new Set([...graph.values()].map(node => node.id));
	for (const part of chunks([...graph.keys()])) {
		const rows = await session.run<readonly {digest: Digest; manifest_id: number}[]>('manifest_references', all =>
			all.select('digest', 'manifest_id').where({image_id: imageId, kind: 'manifest'}).whereIn('digest', part),
		);
		named.push(...rows.filter(row => !own.has(row.manifest_id)).map(row => row.digest));
	}
	const outside = [...graph.values()].filter(({subject}) => subject !== null && !graph.has(subject));
	for (const part of chunks(outside)) {
		const subjects = part.flatMap(({subject}) => (subject === null ? [] : [subject]));
		const present = new Set(
			await session.run<readonly Digest[]>('manifests', manifests =>
				manifests.where('image_id', imageId).whereIn('digest', subjects).pluck('digest'),
			),
		);
		named.push(...part.filter(({subject}) => subject !== null && present.has(subject)).map(node => node.digest));
	}
	return named;
}
