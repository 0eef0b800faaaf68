import type {Digest} from '../../../oci/digest.ts';
import type {TagName} from '../../../oci/tag-name.ts';
import {chunks} from '../chunks.ts';
import type {Session} from '../session.ts';
import type {ImageGraph} from '../image-graph.ts';

/** Manifests read at a time, with their bytes. */
const batchSize = 50;

interface CopyRequest {
	readonly graph: ImageGraph;
	readonly imageId: number;
	readonly by: string;
}

/** Gives the target's image the manifests that it does not have. Resolves to the ids of all of them there. */
export async function copyManifests(
	session: Session,
	{graph, imageId, by}: CopyRequest,
): Promise<ReadonlyMap<Digest, number>> {
	const ids = await readIds(session, imageId, [...graph.keys()]);
	const missing = [...graph.values()].filter(node => !ids.has(node.digest)).map(node => node.id);
	for (let start = 0; start < missing.length; start += batchSize) {
		await copyBatch(session, missing.slice(start, start + batchSize), {imageId, by, ids});
	}
	return ids;
}

async function readIds(session: Session, imageId: number, digests: readonly Digest[]): Promise<Map<Digest, number>> {
	const ids = new Map<Digest, number>();
	for (const part of chunks(digests)) {
		const rows = await session.run<readonly {id: number; digest: Digest}[]>('manifests', manifests =>
			manifests.select('id', 'digest').where('image_id', imageId).whereIn('digest', part),
		);
		for (const {id, digest} of rows) {
			ids.set(digest, id);
		}
	}
	return ids;
}

async function copyBatch(
	session: Session,
	sourceIds: readonly number[],
	{imageId, by, ids}: {readonly imageId: number; readonly by: string; readonly ids: Map<Digest, number>},
): Promise<void> {
	const sources = await session.run<readonly {id: number; digest: Digest}[]>('manifests', manifests =>
		manifests
			.select('id', 'digest', 'media_type', 'artifact_type', 'subject', 'size', 'annotations', 'bytes')
			.whereIn('id', sourceIds),
	);
	const copies = new Map<number, number>();
	for (const {id, ...source} of sources) {
		const row = {...source, image_id: imageId, pushed_by: by, created_at: Date.now()};
		const [copy = 0] = await session.run<readonly number[]>('manifests', manifests => manifests.insert(row));
		copies.set(id, copy);
		ids.set(source.digest, copy);
	}
	const references = await session.run<readonly {manifest_id: number}[]>('manifest_references', all =>
		all.select('manifest_id', 'position', 'digest', 'kind').whereIn('manifest_id', sourceIds),
	);
	const rows = references.map(row => ({...row, manifest_id: copies.get(row.manifest_id), image_id: imageId}));
	for (const part of chunks(rows)) {
		await session.run('manifest_references', all => all.insert(part));
	}
}

interface PointRequest {
	readonly imageId: number;
	readonly by: string;
	readonly ids: ReadonlyMap<Digest, number>;
}

/** Points the tags of the target at its manifests. */
export async function pointPromotedTags(
	session: Session,
	tags: ReadonlyMap<TagName, Digest>,
	{imageId, by, ids}: PointRequest,
): Promise<void> {
	const updatedAt = Date.now();
	const rows = [...tags].map(([name, digest]) => ({
		image_id: imageId,
		name,
		manifest_id: ids.get(digest),
		updated_at: updatedAt,
		updated_by: by,
	}));
	for (const part of chunks(rows.toSorted((one, other) => (one.name < other.name ? -1 : 1)))) {
		await session.run('tags', table =>
			table.insert(part).onConflict(['image_id', 'name']).merge(['manifest_id', 'updated_at', 'updated_by']),
		);
	}
}
