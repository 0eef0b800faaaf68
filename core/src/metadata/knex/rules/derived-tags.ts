import type {Digest} from '../../../oci/digest.ts';
import type {TagName} from '../../../oci/tag-name.ts';
import type {RemovedTag} from '../../removal-records.ts';
import type {DerivedTag} from '../../write-rules.ts';
import {chunks} from '../chunks.ts';
import type {Session} from '../session.ts';

interface DerivedRow {
	readonly name: TagName;
	readonly base: TagName;
}

interface DeriveRequest {
	readonly imageId: number;
	/** Tags that were just pointed, with those that come with each. */
	readonly tags: ReadonlyMap<TagName, readonly DerivedTag[]>;
	readonly by: string;
}

/**
 * Points the tags that come with others, and takes away those that no longer do. A tag of the same name that somebody has
 * pushed, or that came with another tag, is left alone; nothing is pointed at what the image does not have. Nobody has
 * pushed a derived tag, so it follows its base even where its name is that of an immutable one. Resolves to what was taken
 * away.
 */
export async function deriveTags(session: Session, request: DeriveRequest): Promise<readonly RemovedTag[]> {
	const {imageId, tags, by} = request;
	const pointed = [...tags.keys()];
	const known = await readDerived(session, imageId, pointed);
	if (known.length === 0 && [...tags.values()].every(derived => derived.length === 0)) {
		return [];
	}
	// What somebody pushes is his own from now on.
	const pushed = known.filter(row => tags.has(row.name)).map(row => row.name);
	await session.run('derived_tags', rows => rows.where('image_id', imageId).whereIn('name', pushed).delete());
	const removed: RemovedTag[] = [];
	for (const [base, wanted] of tags) {
		const mine = new Set(known.filter(row => row.base === base && !tags.has(row.name)).map(row => row.name));
		const there = await findPresent(session, imageId, wanted);
		const stale = [...mine].filter(name => !there.some(({tag}) => tag === name));
		removed.push(...(await deleteTags(session, imageId, stale)));
		await point(session, {imageId, base, by, tags: await findFree(session, {imageId, mine, wanted: there})});
	}
	return removed;
}

/** Tags that came with any of `bases`, with what they name. */
export async function readDerivedTags(
	session: Session,
	imageId: number,
	bases: readonly TagName[],
): Promise<readonly RemovedTag[]> {
	const found: RemovedTag[] = [];
	for (const part of chunks(bases)) {
		const rows = await session.run<readonly {name: TagName; digest: Digest}[]>('derived_tags', derived =>
			derived
				.join('tags', join => {
					join.on('tags.image_id', 'derived_tags.image_id').on('tags.name', 'derived_tags.name');
				})
				.join('manifests', 'manifests.id', 'tags.manifest_id')
				.select('tags.name', 'manifests.digest')
				.where('derived_tags.image_id', imageId)
				.whereIn('derived_tags.base', part),
		);
		found.push(...rows.map(({name: tag, digest}) => ({tag, digest})));
	}
	return found;
}

/** All tags of the image that came with others. */
export async function findDerivedNames(session: Session, imageId: number): Promise<ReadonlySet<TagName>> {
	const rows = await session.select<{name: TagName}>('select name from derived_tags where image_id = ?', [imageId]);
	return new Set(rows.map(row => row.name));
}

/** Tags that came with one that names any of these manifests go before it does. */
export async function deleteDerivedOf(session: Session, manifestIds: readonly number[]): Promise<void> {
	const rows = await session.run<readonly {image_id: number; name: TagName}[]>('derived_tags', derived =>
		derived
			.join('tags', join => {
				join.on('tags.image_id', 'derived_tags.image_id').on('tags.name', 'derived_tags.base');
			})
			.select('derived_tags.image_id', 'derived_tags.name')
			.whereIn('tags.manifest_id', manifestIds),
	);
	for (const [imageId, derived] of Map.groupBy(rows, row => row.image_id)) {
		const names = derived.map(row => row.name);
		await session.run('tags', tags => tags.where('image_id', imageId).whereIn('name', names).delete());
	}
}

/** Derived tags that have one of these names, or came with one of them. */
async function readDerived(
	session: Session,
	imageId: number,
	names: readonly TagName[],
): Promise<readonly DerivedRow[]> {
	const found: DerivedRow[] = [];
	for (const part of chunks(names)) {
		found.push(
			...(await session.run<readonly DerivedRow[]>('derived_tags', derived =>
				derived
					.select('name', 'base')
					.where('image_id', imageId)
					.where(either => void either.whereIn('name', part).orWhereIn('base', part)),
			)),
		);
	}
	return found;
}

interface PresentTag extends DerivedTag {
	readonly manifestId: number;
}

/** Those whose manifest the image has. */
async function findPresent(
	session: Session,
	imageId: number,
	wanted: readonly DerivedTag[],
): Promise<readonly PresentTag[]> {
	const ids = new Map<Digest, number>();
	for (const part of chunks(wanted)) {
		const digests = part.map(({digest}) => digest);
		const rows = await session.run<readonly {id: number; digest: Digest}[]>('manifests', manifests =>
			manifests.select('id', 'digest').where('image_id', imageId).whereIn('digest', digests),
		);
		for (const {id, digest} of rows) {
			ids.set(digest, id);
		}
	}
	return wanted.flatMap(derived => {
		const manifestId = ids.get(derived.digest);
		return manifestId === undefined ? [] : [{...derived, manifestId}];
	});
}

interface FreeRequest {
	readonly imageId: number;
	/** Names that are those of derived tags of the same base already. */
	readonly mine: ReadonlySet<TagName>;
	readonly wanted: readonly PresentTag[];
}

/** Those that nobody else has. */
async function findFree(session: Session, {imageId, mine, wanted}: FreeRequest): Promise<readonly PresentTag[]> {
	const taken = new Set<TagName>();
	for (const part of chunks(wanted)) {
		const names = part.map(({tag}) => tag);
		const found = await session.run<readonly TagName[]>('tags', rows =>
			rows.where('image_id', imageId).whereIn('name', names).pluck('name'),
		);
		for (const name of found) {
			taken.add(name);
		}
	}
	return wanted.filter(({tag}) => !taken.has(tag) || mine.has(tag));
}

async function deleteTags(
	session: Session,
	imageId: number,
	names: readonly TagName[],
): Promise<readonly RemovedTag[]> {
	const removed: RemovedTag[] = [];
	for (const part of chunks(names)) {
		const rows = await session.run<readonly {name: TagName; digest: Digest}[]>('tags', tags =>
			tags
				.join('manifests', 'manifests.id', 'tags.manifest_id')
				.select('tags.name', 'manifests.digest')
				.where('tags.image_id', imageId)
				.whereIn('tags.name', part),
		);
		removed.push(...rows.map(({name: tag, digest}) => ({tag, digest})));
		await session.run('tags', tags => tags.where('image_id', imageId).whereIn('name', part).delete());
	}
	return removed;
}

interface PointRequest {
	readonly imageId: number;
	readonly base: TagName;
	readonly by: string;
	readonly tags: readonly PresentTag[];
}

async function point(session: Session, {imageId, base, by, tags}: PointRequest): Promise<void> {
	const updatedAt = Date.now();
	for (const part of chunks(tags.toSorted((one, other) => (one.tag < other.tag ? -1 : 1)))) {
		const rows = part.map(({tag: name, manifestId}) => ({
			image_id: imageId,
			name,
			manifest_id: manifestId,
			updated_at: updatedAt,
			updated_by: by,
		}));
		await session.run('tags', table =>
			table.insert(rows).onConflict(['image_id', 'name']).merge(['manifest_id', 'updated_at', 'updated_by']),
		);
		const origins = part.map(({tag: name}) => ({image_id: imageId, name, base}));
		await session.run('derived_tags', table => table.insert(origins).onConflict(['image_id', 'name']).merge(['base']));
	}
}
