import type {Digest} from '../../../oci/digest.ts';
import type {TagName} from '../../../oci/tag-name.ts';
import {chunks} from '../chunks.ts';
import {findKept} from '../rules/tag-history.ts';
import {findRenewed} from '../manifest-renewals.ts';
import {type ImageGraph, type ImageNode, companionPrefix, isCompanion} from '../image-graph.ts';
import type {Session} from '../session.ts';

export interface Leaving {
	readonly imageId: number;
	/** Of what is asked to go: the manifests, and all that may have to go with them. */
	readonly graph: ImageGraph;
	readonly roots: ReadonlySet<Digest>;
	/** Tags that go whatever they name. */
	readonly tags: ReadonlySet<TagName>;
	/** Manifests that go with all their tags. */
	readonly forced: ReadonlySet<Digest>;
	/** Tags for which nothing is kept any more. */
	readonly histories: ReadonlySet<TagName>;
	/** Manifests that go although they were pushed again by their digest; all of them, unless told. */
	readonly renewed?: ReadonlySet<Digest>;
}

/** What of the graph has to stay, because something that stays needs it. The image is locked. */
export async function findStaying(session: Session, leaving: Leaving): Promise<ReadonlySet<Digest>> {
	const {graph, forced, histories} = leaving;
	const ids = new Map([...graph.values()].map(({id, digest}) => [id, digest]));
	const kept = await findKept(session, ids, histories);
	const waiting = findWaiting(leaving, await findRenewed(session, ids));
	const staying = new Set([
		...(await findEntries(session, leaving)),
		...(await findReferring(session, leaving)),
		...findTagged(leaving),
		...kept.filter(digest => !forced.has(digest)),
		...waiting,
	]);
	const near = findNear(leaving);
	// What stays keeps its entries and what refers to it; a set grows while it is walked.
	for (const digest of staying) {
		for (const child of graph.get(digest)?.children ?? []) {
			if (graph.has(child)) {
				staying.add(child);
			}
		}
		for (const node of near.get(digest) ?? []) {
			if (!forced.has(node.digest)) {
				staying.add(node.digest);
			}
		}
	}
	return staying;
}

/** What was pushed again for an index that is still to come. What refers to a manifest waits for no index. */
function findWaiting({graph, forced, renewed}: Leaving, found: readonly Digest[]): readonly Digest[] {
	return renewed === undefined
		? []
		: found.filter(digest => {
				const subject = graph.get(digest)?.subject ?? null;
				return !forced.has(digest) && !renewed.has(digest) && (subject === null || !graph.has(subject));
			});
}

/** Entries of an index outside of the graph. */
async function findEntries(session: Session, {imageId, graph}: Leaving): Promise<readonly Digest[]> {
	const entries: Digest[] = [];
	const own = new Set([...graph.values()].map(node => node.id));
	for (const part of chunks([...graph.keys()])) {
		const rows = await session.run<readonly {digest: Digest; manifest_id: number}[]>('manifest_references', all =>
			all.select('digest', 'manifest_id').where({image_id: imageId, kind: 'manifest'}).whereIn('digest', part),
		);
		entries.push(...rows.filter(row => !own.has(row.manifest_id)).map(row => row.digest));
	}
	return entries;
}

/** What refers to a manifest outside of the graph; unless it was asked for, to one that is not there, too. */
async function findReferring(session: Session, leaving: Leaving): Promise<readonly Digest[]> {
	const {imageId, graph, roots, forced} = leaving;
	const referring: Digest[] = [];
	const outside = [...graph.values()].flatMap(({digest, subject}) =>
		subject === null || graph.has(subject) || forced.has(digest) ? [] : [{digest, subject}],
	);
	for (const part of chunks(outside)) {
		const subjects = part.map(({subject}) => subject);
		const present = new Set(
			await session.run<readonly Digest[]>('manifests', manifests =>
				manifests.where('image_id', imageId).whereIn('digest', subjects).pluck('digest'),
			),
		);
		const stays = part.filter(({digest, subject}) => present.has(subject) || !roots.has(digest));
		referring.push(...stays.map(({digest}) => digest));
	}
	return referring;
}

/** What has a tag that does not go, and that does not only tell of another manifest of the graph. */
function findTagged({graph, tags, forced}: Leaving): readonly Digest[] {
	const subjectOf = companions(graph);
	const stays = (node: ImageNode) =>
		node.tags.some(name => !tags.has(name) && (subjectOf(name) ?? node).digest === node.digest);
	return [...graph.values()].filter(node => !forced.has(node.digest) && stays(node)).map(node => node.digest);
}

/** What stays only because the manifest that it tells of stays. */
function findNear({graph, tags}: Leaving): ReadonlyMap<Digest, readonly ImageNode[]> {
	const subjectOf = companions(graph);
	const near = new Map<Digest, ImageNode[]>();
	for (const node of graph.values()) {
		const told = node.tags.flatMap(name => (tags.has(name) ? [] : (subjectOf(name)?.digest ?? [])));
		for (const subject of new Set(node.subject === null ? told : [...told, node.subject])) {
			near.set(subject, [...(near.get(subject) ?? []), node]);
		}
	}
	return near;
}

function companions(graph: ImageGraph): (name: TagName) => ImageNode | undefined {
	const byPrefix = Map.groupBy(graph.values(), node => companionPrefix(node.digest));
	return name => byPrefix.get(name.split('.', 1)[0] ?? '')?.find(node => isCompanion(name, node.digest));
}
