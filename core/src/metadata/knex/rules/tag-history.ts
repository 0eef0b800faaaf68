import type {Digest} from '../../../oci/digest.ts';
import type {TagName} from '../../../oci/tag-name.ts';
import {chunks} from '../chunks.ts';
import type {Session} from '../session.ts';
import type {MovingTag} from './find-moving-tags.ts';

interface HistoryRow {
	readonly name: TagName;
	readonly manifest_id: number;
	readonly digest: Digest;
}

interface KeepRequest {
	readonly imageId: number;
	/** Tags that were pointed, with what they name now. */
	readonly tags: ReadonlyMap<TagName, Digest>;
	/** Those of them that named something else before. */
	readonly moved: readonly MovingTag[];
	/** How many manifests each keeps, the current one among them. */
	readonly retention: number;
}

/** Remembers what the tags named before. Resolves to what is not to be kept for them any more. */
export async function keepHistory(session: Session, request: KeepRequest): Promise<readonly Digest[]> {
	const {imageId, tags, moved, retention} = request;
	if (moved.length === 0) {
		return [];
	}
	const replacedAt = Date.now();
	for (const part of chunks(moved)) {
		const rows = part.map(({tag: name, manifestId}) => ({
			image_id: imageId,
			name,
			manifest_id: manifestId,
			replaced_at: replacedAt,
		}));
		await session.run('tag_history', history =>
			history.insert(rows).onConflict(['image_id', 'name', 'manifest_id']).merge(['replaced_at']),
		);
	}
	const names = moved.map(({tag}) => tag);
	const all = await readHistory(session, imageId, names);
	const surplus = [...Map.groupBy(all, row => row.name)].flatMap(([name, rows]) => {
		// What the tag names again is not of the past.
		const past = rows.filter(row => row.digest !== tags.get(name));
		return [...rows.filter(row => row.digest === tags.get(name)), ...past.slice(retention - 1)];
	});
	for (const {name, manifest_id} of surplus) {
		await session.run('tag_history', history => history.where({image_id: imageId, name, manifest_id}).delete());
	}
	return [...new Set(surplus.map(row => row.digest))];
}

/** What is kept for these tags, the latest first. */
export async function readHistory(
	session: Session,
	imageId: number,
	names: readonly TagName[],
): Promise<readonly HistoryRow[]> {
	const found: HistoryRow[] = [];
	for (const part of chunks(names)) {
		found.push(
			...(await session.run<readonly HistoryRow[]>('tag_history', history =>
				history
					.join('manifests', 'manifests.id', 'tag_history.manifest_id')
					.select('tag_history.name', 'tag_history.manifest_id', 'manifests.digest')
					.where('tag_history.image_id', imageId)
					.whereIn('tag_history.name', part)
					.orderBy('tag_history.replaced_at', 'desc')
					.orderBy('tag_history.manifest_id', 'desc'),
			)),
		);
	}
	return found;
}

/** Nothing is kept for these tags any more. Resolves to what was. */
export async function forgetHistory(
	session: Session,
	imageId: number,
	names: readonly TagName[],
): Promise<readonly Digest[]> {
	const past = await readHistory(session, imageId, names);
	// Looked at first: most tags have none, and deleting nothing locks gaps that others insert into.
	for (const part of chunks([...new Set(past.map(row => row.name))])) {
		await session.run('tag_history', history => history.where('image_id', imageId).whereIn('name', part).delete());
	}
	return [...new Set(past.map(row => row.digest))];
}

/** Those of the manifests that are kept for a tag which is not one of `leaving`. */
export async function findKept(
	session: Session,
	manifests: ReadonlyMap<number, Digest>,
	leaving: ReadonlySet<TagName>,
): Promise<readonly Digest[]> {
	const kept: Digest[] = [];
	for (const part of chunks([...manifests.keys()])) {
		const rows = await session.run<readonly {name: TagName; manifest_id: number}[]>('tag_history', history =>
			history.select('name', 'manifest_id').whereIn('manifest_id', part),
		);
		const stay = rows.filter(row => !leaving.has(row.name));
		kept.push(...stay.flatMap(row => manifests.get(row.manifest_id) ?? []));
	}
	return kept;
}
