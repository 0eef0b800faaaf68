import type {Digest} from '../../../oci/digest.ts';
import type {TagName} from '../../../oci/tag-name.ts';
import type {ImagePlace, PromotionOutcome, PromotionRecords, PromotionRequest} from '../../promotion-records.ts';
import {dropEmptyImages, ensureImage, lockImage} from '../image-rows.ts';
import {copyProperties} from '../items/copy-properties.ts';
import type {Session} from '../session.ts';
import {RefusedTypeError} from '../../refused-type-error.ts';
import {removeFromImage} from '../removal/remove-from-image.ts';
import {findDerivedNames, readDerivedTags} from '../rules/derived-tags.ts';
import {findMovingTags} from '../rules/find-moving-tags.ts';
import {demandMutable} from '../rules/immutable-tags.ts';
import {readHistory} from '../rules/tag-history.ts';
import {copyManifests} from './copy-manifests.ts';
import {type Left, leaveSource} from './leave-source.ts';
import {holdPromoted, lockPromoted, readBlobs} from './promoted-blobs.ts';
import {tagTarget} from './tag-target.ts';
import {type ImageGraph, isCompanion, readGraph, readRoots} from '../image-graph.ts';

const imageSql = 'select id from images where repository_id = ? and name = ?';

export class KnexPromotionRecords implements PromotionRecords {
	readonly #session: Session;

	constructor(session: Session) {
		this.#session = session;
	}

	promote(request: PromotionRequest): Promise<PromotionOutcome> {
		return this.#session.transaction(async session => {
			await lockSourceBlobs(session, request);
			const [sourceId, targetId] = await lockImages(session, request);
			const graph = sourceId === undefined ? undefined : await readPromoted(session, sourceId, request.tag);
			const outcome =
				sourceId === undefined || graph === undefined
					? ({outcome: 'unknown'} as const)
					: await promoteGraph(session, {...request, sourceId, targetId, graph});
			if (outcome.outcome !== 'promoted') {
				await dropEmptyImages(session, [targetId]);
			}
			return outcome;
		});
	}
}

interface Promotion extends PromotionRequest {
	readonly sourceId: number;
	readonly targetId: number;
	readonly graph: ImageGraph;
}

async function promoteGraph(session: Session, promotion: Promotion): Promise<PromotionOutcome> {
	const {sourceId, targetId, graph, from, to, by, rules = {}} = promotion;
	demandTypes(promotion);
	const tags = await readTags(session, promotion);
	const moved = await findMovingTags(session, targetId, tags);
	const names = moved.map(({tag}) => tag);
	demandMutable(rules.target, names);
	if (moved.length > 0 && !promotion.mayMoveTags) {
		return {outcome: 'tag-exists', tags: names};
	}
	const blobs = await readBlobs(session, sourceId, graph);
	const storage = from.repository === to.repository ? undefined : promotion.storage;
	const uncopied = await holdPromoted(session, blobs, {
		repository: to.repository,
		imageId: targetId,
		storage,
		quota: rules.target?.quota,
	});
	if (uncopied.length > 0) {
		return {outcome: 'uncopied', blobs: uncopied};
	}
	const ids = await copyManifests(session, {graph, imageId: targetId, by});
	const place = {repository: to.repository, image: to.image, imageId: targetId};
	const replaced = await tagTarget(session, {...place, graph, tags, ids, moved, rules: rules.target, by});
	await copyProperties(session, {
		...promotion,
		ids,
		tags: namesOf(tags, promotion),
		whole: promotion.tag === undefined,
	});
	const left = await leave(session, promotion);
	return {
		outcome: 'promoted',
		manifests: [...graph.values()].map(({mediaType, digest, size}) => ({mediaType, digest, size})),
		tags: [...tags].flatMap(([tag, digest]) => {
			const node = graph.get(digest);
			return node === undefined ? [] : [{tag, manifest: {mediaType: node.mediaType, digest, size: node.size}}];
		}),
		replaced,
		...left,
	};
}

/** What was kept for a tag goes with it. */
async function leave(session: Session, promotion: Promotion): Promise<Left> {
	const {copy, from, sourceId, targetId, graph, tag, targetTag, rules} = promotion;
	if (copy || (sourceId === targetId && tag === targetTag)) {
		return {removedTags: [], removedManifests: []};
	}
	const past = await readHistory(session, sourceId, tag === undefined ? [] : [tag]);
	const left =
		sourceId === targetId
			? await renameTag(session, promotion)
			: await leaveSource(session, {imageId: sourceId, graph, tag, rules: rules?.source});
	const removal = await removeFromImage(session, from, {unneeded: past.map(({digest}) => digest)});
	await dropEmptyImages(session, [sourceId]);
	return {
		removedTags: [...left.removedTags, ...removal.tags.map(removed => removed.tag)],
		removedManifests: [...left.removedManifests, ...removal.manifests.map(({digest}) => digest)],
	};
}

/** Within one image only the name of the tag is another. */
async function renameTag(session: Session, {sourceId, tag, rules}: Promotion): Promise<Left> {
	const renamed = tag === undefined ? [] : [tag];
	demandMutable(rules?.source, renamed);
	const derived = (await readDerivedTags(session, sourceId, renamed)).map(one => one.tag);
	const removedTags = [...renamed, ...derived];
	await session.run('tags', tags => tags.where('image_id', sourceId).whereIn('name', removedTags).delete());
	return {removedTags, removedManifests: []};
}

/** Throws unless the target takes manifests of all these types. */
function demandTypes({graph, rules}: Promotion): void {
	for (const {mediaType} of graph.values()) {
		if (rules?.target?.refusesType?.(mediaType)) {
			throw new RefusedTypeError(mediaType);
		}
	}
}

/** Without those that only came with others where the target makes such tags itself. */
async function readTags(session: Session, promotion: Promotion): Promise<ReadonlyMap<TagName, Digest>> {
	const tags = tagsOf(promotion);
	if (promotion.tag !== undefined || promotion.rules?.target?.derive === undefined) {
		return tags;
	}
	const derived = await findDerivedNames(session, promotion.sourceId);
	return new Map([...tags].filter(([name]) => !derived.has(name)));
}

/** What the target's tags will be: all of the source, or the one and those that tell of what goes along. */
function tagsOf({graph, tag, targetTag = tag}: Promotion): ReadonlyMap<TagName, Digest> {
	const tags = new Map<TagName, Digest>();
	const nodes = [...graph.values()];
	for (const node of nodes) {
		for (const name of node.tags) {
			if (tag === undefined || nodes.some(subject => subject !== node && isCompanion(name, subject.digest))) {
				tags.set(name, node.digest);
			}
			if (name === tag) {
				tags.set(targetTag ?? name, node.digest);
			}
		}
	}
	return tags;
}

/** What the tags are called in the source, with what they are called in the target. */
function namesOf(tags: ReadonlyMap<TagName, Digest>, {tag, targetTag = tag}: Promotion): ReadonlyMap<TagName, TagName> {
	return new Map([...tags.keys()].map(name => [name === targetTag ? (tag ?? name) : name, name]));
}

/** Undefined when there is no such tag, or nothing in the image. */
async function readPromoted(
	session: Session,
	imageId: number,
	tag: TagName | undefined,
): Promise<ImageGraph | undefined> {
	const graph = await readGraph(session, imageId, await readRoots(session, imageId, tag));
	return graph.size === 0 ? undefined : graph;
}

async function lockSourceBlobs(session: Session, {from, tag}: PromotionRequest): Promise<void> {
	const image = await session.selectFirst<{id: number}>(imageSql, [from.repository, from.image]);
	const graph = image && (await readPromoted(session, image.id, tag));
	if (image !== undefined && graph !== undefined) {
		await lockPromoted(session, await readBlobs(session, image.id, graph));
	}
}

/** Always in the same order, so that two promotions the other way round do not wait for each other. */
async function lockImages(
	session: Session,
	{from, to}: PromotionRequest,
): Promise<readonly [source: number | undefined, target: number]> {
	if (isBefore(from, to)) {
		const source = await lockImage(session, from.repository, from.image);
		return [source, await ensureImage(session, to.repository, to.image)];
	}
	const target = await ensureImage(session, to.repository, to.image);
	return [await lockImage(session, from.repository, from.image), target];
}

function isBefore(one: ImagePlace, other: ImagePlace): boolean {
	return one.repository === other.repository ? one.image < other.image : one.repository < other.repository;
}
