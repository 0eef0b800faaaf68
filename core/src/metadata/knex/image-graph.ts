import type {Descriptor} from '../../oci/descriptor.ts';
import type {Digest} from '../../oci/digest.ts';
import type {TagName} from '../../oci/tag-name.ts';
import {chunks} from './chunks.ts';
import type {Session} from './session.ts';

/** A manifest of an image, with what ties it to others. */
export interface ImageNode extends Descriptor {
	readonly id: number;
	readonly subject: Digest | null;
	/** Entries of an index. */
	readonly children: readonly Digest[];
	/** All that name it. */
	readonly tags: readonly TagName[];
}

export type ImageGraph = ReadonlyMap<Digest, ImageNode>;

interface NodeRow {
	readonly id: number;
	readonly digest: Digest;
	readonly media_type: string;
	readonly size: number;
	readonly subject: Digest | null;
}

const taggedSql = `select manifests.digest from tags join manifests on manifests.id = tags.manifest_id
	where tags.image_id = ? and tags.name = ?`;
const allSql = 'select digest from manifests where image_id = ? and digest > ? order by digest limit 500';
const companionsSql = `select tags.name, manifests.digest from tags join manifests on manifests.id = tags.manifest_id
	where tags.image_id = ? and tags.name >= ? and tags.name < ?`;

/** The manifest of the tag or, without one, every manifest of the image. */
export function readRoots(session: Session, imageId: number, tag: TagName | undefined): Promise<readonly Digest[]> {
	return tag === undefined ? readAll(session, imageId) : readTagged(session, imageId, tag);
}

/** These manifests of the image with all that they name and all that refers to them, and so on. */
export async function readGraph(session: Session, imageId: number, roots: readonly Digest[]): Promise<ImageGraph> {
	const graph = new Map<Digest, ImageNode>();
	for (let next = roots; next.length > 0;) {
		const nodes = await readNodes(session, imageId, next);
		for (const node of nodes) {
			graph.set(node.digest, node);
		}
		const near = [
			...nodes.flatMap(node => node.children),
			...(await readReferrers(session, imageId, next)),
			...(await readCompanions(session, imageId, nodes)),
		];
		next = [...new Set(near)].filter(digest => !graph.has(digest));
		if (nodes.length === 0) {
			break;
		}
	}
	return graph;
}

/** What names of tags begin with that clients without the referrers API use for what refers to a manifest (specification, "Referrers Tag Schema"). */
export function companionPrefix(digest: Digest): string {
	const colon = digest.indexOf(':');
	return `${digest.slice(0, colon).slice(0, 32)}-${digest.slice(colon + 1).slice(0, 64)}`;
}

/** Also with an ending: `.sig`, `.att` and `.sbom` are those of cosign. */
export function isCompanion(tag: TagName, digest: Digest): boolean {
	const prefix = companionPrefix(digest);
	return tag === prefix || tag.startsWith(`${prefix}.`);
}

async function readTagged(session: Session, imageId: number, tag: TagName): Promise<readonly Digest[]> {
	return (await session.select<{digest: Digest}>(taggedSql, [imageId, tag])).map(row => row.digest);
}

async function readAll(session: Session, imageId: number): Promise<readonly Digest[]> {
	const all: Digest[] = [];
	for (;;) {
		const rows = await session.select<{digest: Digest}>(allSql, [imageId, all.at(-1) ?? '']);
		if (rows.length === 0) {
			return all;
		}
		all.push(...rows.map(row => row.digest));
	}
}

async function readNodes(session: Session, imageId: number, digests: readonly Digest[]): Promise<readonly ImageNode[]> {
	const nodes: ImageNode[] = [];
	for (const part of chunks(digests)) {
		const rows = await session.run<readonly NodeRow[]>('manifests', manifests =>
			manifests
				.select('id', 'digest', 'media_type', 'size', 'subject')
				.where('image_id', imageId)
				.whereIn('digest', part),
		);
		const ids = rows.map(row => row.id);
		const children = await session.run<readonly {manifest_id: number; digest: Digest}[]>('manifest_references', all =>
			all.select('manifest_id', 'digest').whereIn('manifest_id', ids).where('kind', 'manifest'),
		);
		const tags = await session.run<readonly {manifest_id: number; name: TagName}[]>('tags', all =>
			all.select('manifest_id', 'name').whereIn('manifest_id', ids),
		);
		const childrenOf = Map.groupBy(children, row => row.manifest_id);
		const tagsOf = Map.groupBy(tags, row => row.manifest_id);
		for (const {id, digest, media_type: mediaType, size, subject} of rows) {
			nodes.push({
				id,
				digest,
				mediaType,
				size,
				subject,
				children: (childrenOf.get(id) ?? []).map(row => row.digest),
				tags: (tagsOf.get(id) ?? []).map(row => row.name),
			});
		}
	}
	return nodes;
}

async function readReferrers(
	session: Session,
	imageId: number,
	subjects: readonly Digest[],
): Promise<readonly Digest[]> {
	const found: Digest[] = [];
	for (const part of chunks(subjects)) {
		found.push(
			...(await session.run<readonly Digest[]>('manifests', manifests =>
				manifests.where('image_id', imageId).whereIn('subject', part).pluck('digest'),
			)),
		);
	}
	return found;
}

async function readCompanions(
	session: Session,
	imageId: number,
	nodes: readonly ImageNode[],
): Promise<readonly Digest[]> {
	const found: Digest[] = [];
	for (const {digest} of nodes) {
		const prefix = companionPrefix(digest);
		// "/" comes after "." and is in no tag.
		const rows = await session.select<{name: TagName; digest: Digest}>(companionsSql, [imageId, prefix, `${prefix}/`]);
		found.push(...rows.filter(({name}) => isCompanion(name, digest)).map(row => row.digest));
	}
	return found;
}
