import type {Digest} from '../../oci/digest.ts';
import type {TagName} from '../../oci/tag-name.ts';
import type {RetainedItem, RetainedPage} from '../retention-records.ts';
import type {RetainedRequest} from '../removal-records.ts';
import {chunks} from './chunks.ts';
import type {ImageKey} from './manifest-rows.ts';
import type {Session} from './session.ts';

const entryPulledSql = `(
		select max(manifest_pulls.pulled_at) from manifest_references
		join manifests entries on entries.image_id = manifest_references.image_id
			and entries.digest = manifest_references.digest
		join manifest_pulls on manifest_pulls.manifest_id = entries.id
		where manifest_references.manifest_id = manifests.id and manifest_references.kind = 'manifest'
	) as entry_pulled_at`;

const tagColumnsSql = `select images.id as image_id, tags.name, manifests.digest, tags.updated_at as pushed_at,
		manifest_pulls.pulled_at, ${entryPulledSql}
	from images
	join tags on tags.image_id = images.id
	join manifests on manifests.id = tags.manifest_id
	left join manifest_pulls on manifest_pulls.manifest_id = manifests.id
	where images.repository_id = ? and images.name = ?`;

const tagsSql = `${tagColumnsSql} and tags.name > ? and not exists (
		select 1 from derived_tags where derived_tags.image_id = tags.image_id and derived_tags.name = tags.name
	)
	order by tags.name limit ?`;

// One that was pushed again by its digest counts from then on.
const manifestColumnsSql = `select manifests.digest, manifest_pulls.pulled_at,
		coalesce(manifest_renewals.pushed_at, manifests.created_at) as pushed_at, ${entryPulledSql}
	from images
	join manifests on manifests.image_id = images.id
	left join manifest_pulls on manifest_pulls.manifest_id = manifests.id
	left join manifest_renewals on manifest_renewals.manifest_id = manifests.id
	where images.repository_id = ? and images.name = ?`;

const manifestsSql = `${manifestColumnsSql} and manifests.digest > ?
		and not exists (select 1 from tags where tags.manifest_id = manifests.id)
		and not exists (
			select 1 from manifest_references
			where manifest_references.image_id = manifests.image_id
				and manifest_references.digest = manifests.digest
				and manifest_references.kind = 'manifest'
		)
		and (manifests.subject is null or not exists (
			select 1 from manifests subjects
			where subjects.image_id = manifests.image_id and subjects.digest = manifests.subject
		))
	order by manifests.digest limit ?`;

const subjectSql = 'select 1 from manifests where image_id = ? and digest >= ? and digest < ? limit 1';

interface RetainedRow {
	readonly image_id: number;
	readonly name: TagName;
	readonly digest: Digest;
	readonly pushed_at: number;
	readonly pulled_at: number | null;
	readonly entry_pulled_at: number | null;
}

export async function listRetainedTags(
	session: Session,
	{repository, image}: ImageKey,
	{after = '', limit}: RetainedPage,
): Promise<readonly RetainedItem[]> {
	// Pages stay full: what is left out is made up for, so that only the last one is short.
	const items: RetainedItem[] = [];
	for (let from = after; items.length < limit;) {
		const rows = await session.select<RetainedRow>(tagsSql, [repository, image, from, limit]);
		for (const row of rows) {
			if (items.length < limit && !(await tellsOfAnother(session, row))) {
				items.push({...toItem(row), tag: row.name});
			}
		}
		const last = rows.at(-1);
		if (last === undefined || rows.length < limit) {
			break;
		}
		from = last.name;
	}
	return items;
}

export async function listRetainedManifests(
	session: Session,
	{repository, image}: ImageKey,
	{after = '', limit}: RetainedPage,
): Promise<readonly RetainedItem[]> {
	return (await session.select<RetainedRow>(manifestsSql, [repository, image, after, limit])).map(toItem);
}

/** Those of the items that are still as they were looked at. */
export async function findUnchanged(
	session: Session,
	{repository, image}: ImageKey,
	{items, unlessPulled}: RetainedRequest,
): Promise<readonly RetainedItem[]> {
	const unchanged: RetainedItem[] = [];
	for (const part of chunks(items)) {
		const marks = part.map(() => '?').join(', ');
		const keys = part.map(({tag, digest}) => tag ?? digest);
		const tags = `${tagColumnsSql} and tags.name in (${marks})`;
		const manifests = `${manifestColumnsSql} and manifests.digest in (${marks})`;
		const tagRows = await session.select<RetainedRow>(tags, [repository, image, ...keys]);
		const manifestRows = await session.select<RetainedRow>(manifests, [repository, image, ...keys]);
		const nowByKey = new Map([
			...tagRows.map(row => [row.name as string, toItem(row)] as const),
			...manifestRows.map(row => [row.digest as string, toItem(row)] as const),
		]);
		unchanged.push(...part.filter(item => isUnchanged(item, nowByKey.get(item.tag ?? item.digest), unlessPulled)));
	}
	return unchanged;
}

function isUnchanged(seen: RetainedItem, now: RetainedItem | undefined, unlessPulled: boolean): boolean {
	return (
		now?.digest === seen.digest &&
		now.pushedAt.getTime() === seen.pushedAt.getTime() &&
		!(unlessPulled && now.pulledAt?.getTime() !== seen.pulledAt?.getTime())
	);
}

function toItem({digest, pushed_at, pulled_at, entry_pulled_at}: RetainedRow): RetainedItem {
	const pulled = Math.max(pulled_at ?? 0, entry_pulled_at ?? 0);
	return {digest, pushedAt: new Date(pushed_at), ...(pulled > 0 && {pulledAt: new Date(pulled)})};
}

/** Whether the manifest of which the name of the tag tells is in the image (specification, "Referrers Tag Schema"). */
async function tellsOfAnother(session: Session, {image_id, name, digest}: RetainedRow): Promise<boolean> {
	const [, algorithm, encoded] = /^([a-z0-9]{1,32})-([0-9a-f]{64})(?:\.|$)/.exec(name) ?? [];
	if (algorithm === undefined || encoded === undefined) {
		return false;
	}
	const prefix = `${algorithm}:${encoded}`;
	if (digest.startsWith(prefix)) {
		return false;
	}
	// A longer digest is cut off in the name; no digest has a "~".
	return (await session.selectFirst(subjectSql, [image_id, prefix, `${prefix}~`])) !== undefined;
}
