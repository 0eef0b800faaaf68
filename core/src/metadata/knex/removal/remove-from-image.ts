import type {Digest} from '../../../oci/digest.ts';
import type {TagName} from '../../../oci/tag-name.ts';
import type {EverythingOptions, Removal, RemovalOptions, RemovalRequest, RemovedTag} from '../../removal-records.ts';
import {chunks} from '../chunks.ts';
import {deleteManifestRows} from '../delete-manifest-rows.ts';
import {type ImageNode, readGraph} from '../image-graph.ts';
import {dropEmptyImages, lockImage} from '../image-rows.ts';
import type {ImageKey} from '../manifest-rows.ts';
import {readDerivedTags} from '../rules/derived-tags.ts';
import {readHistory} from '../rules/tag-history.ts';
import {findUnchanged} from '../retention-rows.ts';
import type {Session} from '../session.ts';
import {findStaying} from './find-staying.ts';

const imageSql = 'select id from images where repository_id = ? and name = ?';

/** Manifests that no index of the image names: what they name goes with them. */
const topSql = `select digest from manifests where image_id = ? and not exists (
		select 1 from manifest_references
		where manifest_references.image_id = manifests.image_id
			and manifest_references.digest = manifests.digest
			and manifest_references.kind = 'manifest'
	) order by id limit ?`;

/** What is asked to go, as it is in the image. */
interface Asked {
	readonly tags: readonly RemovedTag[];
	readonly forced: readonly Digest[];
	readonly unneeded: readonly Digest[];
	/** Manifests that go although they were pushed again by their digest; all of them, unless told. */
	readonly renewed?: ReadonlySet<Digest>;
}

export function removeFromImage(
	session: Session,
	key: ImageKey,
	{tags = [], manifests = [], unneeded = [], retained, dryRun}: RemovalRequest & RemovalOptions,
): Promise<Removal> {
	return removing(session, key, {
		dryRun,
		ask: async (inner, imageId) => {
			const items = retained === undefined ? [] : await findUnchanged(inner, key, retained);
			const chosen = items.flatMap(({tag, digest}) => (tag === undefined ? [] : [{tag, digest}]));
			const loose = items.flatMap(({tag, digest}) => (tag === undefined ? [digest] : []));
			return {
				tags: await readTags(inner, imageId, [...tags, ...chosen]),
				forced: manifests,
				unneeded: [...unneeded, ...loose],
				renewed: new Set(loose),
			};
		},
	});
}

export function removeEverything(
	session: Session,
	key: ImageKey,
	{limit, dryRun}: EverythingOptions,
): Promise<Removal> {
	return removing(session, key, {
		dryRun,
		ask: async (inner, imageId) => {
			const top = await inner.select<{digest: Digest}>(topSql, [imageId, limit]);
			return {tags: [], forced: top.map(({digest}) => digest), unneeded: []};
		},
	});
}

interface Removing extends RemovalOptions {
	readonly ask: (session: Session, imageId: number) => Promise<Asked>;
}

/** Whoever changes what is in the image locks it, so nothing of it changes between the look and the deletion. */
async function removing(session: Session, {repository, image}: ImageKey, {ask, dryRun}: Removing): Promise<Removal> {
	if (dryRun) {
		const found = await session.selectFirst<{id: number}>(imageSql, [repository, image]);
		return found === undefined ? nothing : (await plan(session, found.id, await ask(session, found.id))).removal;
	}
	return session.transaction(async inner => {
		const imageId = await lockImage(inner, repository, image);
		if (imageId === undefined) {
			return nothing;
		}
		const {removal, nodes} = await plan(inner, imageId, await ask(inner, imageId));
		for (const part of chunks(removal.tags.map(({tag}) => tag))) {
			await inner.run('tags', tags => tags.where('image_id', imageId).whereIn('name', part).delete());
		}
		await deleteManifestRows(
			inner,
			nodes.map(node => node.id),
		);
		await dropEmptyImages(inner, [imageId]);
		return removal;
	});
}

const nothing: Removal = {tags: [], manifests: []};

interface Plan {
	readonly removal: Removal;
	readonly nodes: readonly ImageNode[];
}

async function plan(session: Session, imageId: number, request: Asked): Promise<Plan> {
	const {tags: asked, forced, unneeded, renewed} = request;
	const bases = [...asked.map(({tag}) => tag), ...(await readTagsOf(session, imageId, forced))];
	// With a tag go those that came with it, and what was kept for it.
	const tags = [...asked, ...(await readDerivedTags(session, imageId, bases))];
	const past = (await readHistory(session, imageId, bases)).map(({digest}) => digest);
	const roots = new Set([...asked.map(({digest}) => digest), ...forced, ...unneeded, ...past]);
	const graph = await readGraph(session, imageId, [...roots]);
	const leaving = {
		imageId,
		graph,
		roots,
		tags: new Set(tags.map(({tag}) => tag)),
		forced: new Set(forced),
		histories: new Set(bases),
		renewed,
	};
	const staying = await findStaying(session, leaving);
	const nodes = [...graph.values()].filter(node => !staying.has(node.digest));
	return {removal: toRemoval(nodes, tags), nodes};
}

async function readTagsOf(
	session: Session,
	imageId: number,
	manifests: readonly Digest[],
): Promise<readonly TagName[]> {
	const names: TagName[] = [];
	for (const part of chunks(manifests)) {
		names.push(
			...(await session.run<readonly TagName[]>('tags', tags =>
				tags
					.join('manifests', 'manifests.id', 'tags.manifest_id')
					.where('manifests.image_id', imageId)
					.whereIn('manifests.digest', part)
					.pluck('tags.name'),
			)),
		);
	}
	return names;
}

function toRemoval(nodes: readonly ImageNode[], asked: readonly RemovedTag[]): Removal {
	const tags = new Map(asked.map(({tag, digest}) => [tag, digest]));
	for (const node of nodes) {
		for (const tag of node.tags) {
			tags.set(tag, node.digest);
		}
	}
	return {
		tags: [...tags].map(([tag, digest]) => ({tag, digest})).toSorted((one, other) => (one.tag < other.tag ? -1 : 1)),
		manifests: nodes.map(({mediaType, digest, size}) => ({mediaType, digest, size})),
	};
}

/** Those of the asked tags that are there and name what they are expected to name. */
async function readTags(
	session: Session,
	imageId: number,
	asked: NonNullable<RemovalRequest['tags']>,
): Promise<readonly RemovedTag[]> {
	const expected = new Map(asked.map(({tag, digest}) => [tag, digest]));
	const found: RemovedTag[] = [];
	for (const part of chunks([...expected.keys()])) {
		const rows = await session.run<readonly {name: TagName; digest: Digest}[]>('tags', all =>
			all
				.join('manifests', 'manifests.id', 'tags.manifest_id')
				.select('tags.name', 'manifests.digest')
				.where('tags.image_id', imageId)
				.whereIn('tags.name', part),
		);
		found.push(...rows.map(({name: tag, digest}) => ({tag, digest})));
	}
	return found.filter(({tag, digest}) => (expected.get(tag) ?? digest) === digest);
}
