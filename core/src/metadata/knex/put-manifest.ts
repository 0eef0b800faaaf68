import type {Digest} from '../../oci/digest.ts';
import type {ManifestRecord, ManifestReference} from '../../oci/manifest-record.ts';
import {RefusedTypeError} from '../refused-type-error.ts';
import type {PutManifestOptions, PutManifestOutcome} from '../repository-records.ts';
import {chunks} from './chunks.ts';
import {dropEmptyImages, ensureImage, lockImage} from './image-rows.ts';
import type {ImageKey} from './manifest-rows.ts';
import {endRenewal, endRenewals, renewManifest} from './manifest-renewals.ts';
import {demandRoom} from './rules/admit-holds.ts';
import {type MovingTag, findMovingTags} from './rules/find-moving-tags.ts';
import {followTagRules} from './rules/follow-tag-rules.ts';
import {demandMutable} from './rules/immutable-tags.ts';
import type {Session} from './session.ts';

/** Refuses before it writes anything, since the transaction may be a part of a larger one. */
export function putManifest(
	session: Session,
	{repository, image}: ImageKey,
	manifest: ManifestRecord,
	options: PutManifestOptions,
): Promise<PutManifestOutcome> {
	const {tags, rules, by} = options;
	return session.transaction(async inner => {
		const known = await lockImage(inner, repository, image);
		const totals = await demandRoom(inner, {repository, image}, {quota: rules?.quota, bytes: 0});
		if (known === undefined) {
			const {refusal} = await check(inner, known, {manifest, options});
			if (refusal !== undefined) {
				return refusal;
			}
		}
		// Somebody else may make the image now, and tags in it: what it has is looked at once it is locked.
		const imageId = known ?? (await ensureImage(inner, repository, image));
		const {refusal, held, moved} = await check(inner, imageId, {manifest, options});
		if (refusal !== undefined) {
			await dropEmptyImages(inner, known === undefined ? [imageId] : []);
			return refusal;
		}
		await renewHolds(inner, imageId, held);
		const manifestId = await storeManifest(inner, imageId, manifest, {tags, by});
		await pointTags(inner, {imageId, manifestId}, options);
		const pointed = new Map(tags.map(tag => [tag, manifest]));
		const removal = await followTagRules(inner, {repository, image, imageId, tags: pointed, moved, rules, by});
		const went = removal.tags.length > 0 || removal.manifests.length > 0;
		return {outcome: 'stored', ...(rules?.quota && {totals}), ...(went && {removal})};
	});
}

interface Checked {
	readonly refusal?: PutManifestOutcome;
	readonly held: ReadonlySet<Digest>;
	readonly moved: readonly MovingTag[];
}

async function check(
	session: Session,
	imageId: number | undefined,
	{manifest, options}: {readonly manifest: ManifestRecord; readonly options: PutManifestOptions},
): Promise<Checked> {
	const {rules, tags, mayMoveTags} = options;
	if (rules?.refusesType?.(manifest.mediaType)) {
		throw new RefusedTypeError(manifest.mediaType);
	}
	const held = await lockHolds(session, imageId, manifest);
	const references = options.partial
		? []
		: await findMissing(session, {imageId, held, manifest, sparse: options.sparse});
	if (references.length > 0) {
		const missing = references.map(reference => reference.descriptor);
		return {held, moved: [], refusal: {outcome: 'missing', references: missing}};
	}
	const asked = !mayMoveTags || rules?.immutableBy !== undefined || rules?.tagRetention !== undefined;
	const wanted = new Map(asked ? tags.map(tag => [tag, manifest.digest]) : []);
	const moved = await findMovingTags(session, imageId, wanted);
	const names = moved.map(({tag}) => tag);
	demandMutable(rules, names);
	const refusal = moved.length > 0 && !mayMoveTags ? ({outcome: 'tag-exists', tags: names} as const) : undefined;
	return {held, moved, refusal};
}

/** Digests of the blobs that the manifest names and the image holds. They are held until the transaction ends. */
async function lockHolds(
	session: Session,
	imageId: number | undefined,
	{references}: ManifestRecord,
): Promise<ReadonlySet<Digest>> {
	const digests = [...new Set(references.map(reference => reference.descriptor.digest))].toSorted();
	const held = new Set<Digest>();
	if (imageId !== undefined) {
		for (const part of chunks(digests)) {
			const rows = await session.run<readonly {digest: Digest}[]>('image_blobs', holds =>
				session.lock(holds.select('digest').where('image_id', imageId).whereIn('digest', part).orderBy('digest')),
			);
			for (const {digest} of rows) {
				held.add(digest);
			}
		}
	}
	return held;
}

interface FindMissingRequest {
	readonly imageId: number | undefined;
	readonly held: ReadonlySet<Digest>;
	readonly manifest: ManifestRecord;
	readonly sparse: boolean;
}

/** Each digest once, in the order of the manifest. Manifests cannot go meanwhile: that takes the lock of the image. */
async function findMissing(session: Session, request: FindMissingRequest): Promise<readonly ManifestReference[]> {
	const {imageId, held, manifest, sparse} = request;
	const unheld = manifest.references.filter(
		({required, kind, descriptor}) => required && !(sparse && kind === 'manifest') && !held.has(descriptor.digest),
	);
	const entries = unheld.filter(reference => reference.kind === 'manifest');
	const present = imageId === undefined ? new Set() : await findPresent(session, imageId, entries);
	const missing = unheld.filter(({kind, descriptor}) => kind !== 'manifest' || !present.has(descriptor.digest));
	return [...new Map(missing.map(reference => [reference.descriptor.digest, reference])).values()];
}

async function findPresent(
	session: Session,
	imageId: number,
	entries: readonly ManifestReference[],
): Promise<ReadonlySet<Digest>> {
	const present = new Set<Digest>();
	for (const part of chunks(entries.map(entry => entry.descriptor.digest))) {
		const digests = await session.run<readonly Digest[]>('manifests', manifests =>
			manifests.where('image_id', imageId).whereIn('digest', part).pluck('digest'),
		);
		for (const digest of digests) {
			present.add(digest);
		}
	}
	return present;
}

async function renewHolds(session: Session, imageId: number, held: ReadonlySet<Digest>): Promise<void> {
	for (const part of chunks([...held])) {
		await session.run('image_blobs', holds =>
			holds.where('image_id', imageId).whereIn('digest', part).update({held_at: Date.now()}),
		);
	}
}

/** The id of its row. One that is there stays as it is: its digest says that it is the same. */
async function storeManifest(
	session: Session,
	imageId: number,
	manifest: ManifestRecord,
	{tags, by}: Pick<PutManifestOptions, 'tags' | 'by'>,
): Promise<number> {
	const {digest, mediaType, artifactType, annotations, subject, bytes, references} = manifest;
	const findIds = () =>
		session.run<readonly number[]>('manifests', rows => rows.where({image_id: imageId, digest}).pluck('id'));
	const [stored] = await findIds();
	await endRenewals(session, imageId, references);
	if (stored !== undefined) {
		await (tags.length === 0 ? renewManifest : endRenewal)(session, stored);
		return stored;
	}
	const row = {
		image_id: imageId,
		digest,
		media_type: mediaType,
		artifact_type: artifactType ?? null,
		subject: subject ?? null,
		size: bytes.length,
		annotations: annotations === undefined ? null : JSON.stringify(annotations),
		pushed_by: by,
		created_at: Date.now(),
		bytes,
	};
	const [manifestId = 0] = await session.run<readonly number[]>('manifests', rows => rows.insert(row));
	const referenceRows = references.map(({kind, descriptor}, position) => ({
		manifest_id: manifestId,
		position,
		image_id: imageId,
		digest: descriptor.digest,
		kind,
	}));
	for (const part of chunks(referenceRows)) {
		await session.run('manifest_references', rows => rows.insert(part));
	}
	return manifestId;
}

async function pointTags(
	session: Session,
	{imageId, manifestId}: {readonly imageId: number; readonly manifestId: number},
	{tags, by}: PutManifestOptions,
): Promise<void> {
	const updatedAt = Date.now();
	const rows = [...new Set(tags)].toSorted().map(name => ({
		image_id: imageId,
		name,
		manifest_id: manifestId,
		updated_at: updatedAt,
		updated_by: by,
	}));
	for (const part of chunks(rows)) {
		await session.run('tags', table =>
			table.insert(part).onConflict(['image_id', 'name']).merge(['manifest_id', 'updated_at', 'updated_by']),
		);
	}
}
