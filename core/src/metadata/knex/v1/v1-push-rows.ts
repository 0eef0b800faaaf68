import type {Digest} from '../../../oci/digest.ts';
import type {ImageName} from '../../../oci/image-name.ts';
import {type V1ImageId, mostV1Ancestors} from '../../../oci/v1-image-id.ts';
import type {V1CompleteOutcome, V1Push, V1PushKey} from '../../v1-records.ts';
import {ConflictError} from '../../conflict-error.ts';
import {chunks} from '../chunks.ts';
import {findHeldBlob, hold} from '../hold-rows.ts';
import type {ImageKey} from '../manifest-rows.ts';
import type {Session} from '../session.ts';
import {findV1ImageRow, keepV1Ancestry, listV1Ancestry} from './v1-image-rows.ts';
import {giveImages} from './v1-name-rows.ts';

const pushColumns = ['image', 'parent', 'layer_digest', 'layer_size', 'checksum', 'json'] as const;
const pushesSql = `select ${pushColumns.join(', ')} from v1_pushes
	where repository_id = ? and v1_id = ? and pushed_by = ? order by announced_at desc, image`;
const keyColumns = ['repository_id', 'v1_id', 'pushed_by', 'image'];

interface PushRow {
	readonly image: ImageName;
	readonly parent: V1ImageId | null;
	readonly layer_digest: Digest | null;
	readonly layer_size: number | null;
	readonly checksum: string | null;
	readonly json: Uint8Array | null;
}

/** What of a row is known once everything has come. */
type WholeRow = {readonly [Name in Exclude<keyof PushRow, 'parent'>]: NonNullable<PushRow[Name]>} & PushRow;

export function announceV1(
	session: Session,
	{repository, image}: ImageKey,
	{ids, by}: {readonly ids: readonly V1ImageId[]; readonly by: string},
): Promise<void> {
	return session.transaction(async inner => {
		for (const part of chunks([...new Set(ids)].toSorted())) {
			const rows = part.map(id => ({...keyOf(repository, {image, id, by}), announced_at: Date.now()}));
			await inner.run('v1_pushes', pushes => pushes.insert(rows).onConflict(keyColumns).merge(['announced_at']));
		}
	});
}

export async function findV1Pushes(
	session: Session,
	repository: number,
	{id, by}: Pick<V1PushKey, 'id' | 'by'>,
): Promise<readonly V1Push[]> {
	const rows = await session.select<PushRow>(pushesSql, [repository, id, by]);
	return rows.map(({image, parent, layer_digest: digest, layer_size: size, checksum, json}) => ({
		image,
		id,
		by,
		...(parent !== null && {parent}),
		...(json !== null && {json: Buffer.from(json)}),
		...(digest !== null && size !== null && {layer: {digest, size}}),
		...(checksum !== null && {checksum}),
	}));
}

/** Of what was announced: who announced nothing changes nothing. */
export async function updateV1Push(
	session: Session,
	repository: number,
	push: V1PushKey,
	values: Partial<Omit<PushRow, 'image'>>,
): Promise<void> {
	await session.run('v1_pushes', pushes => pushes.where(keyOf(repository, push)).update(values));
}

/** Somebody else may complete the same image meanwhile: then it is there to be compared with. */
export async function completeV1Push(
	session: Session,
	repository: number,
	push: V1PushKey,
): Promise<V1CompleteOutcome> {
	try {
		return await complete(session, repository, push);
	} catch (error) {
		if (error instanceof ConflictError) {
			return complete(session, repository, push);
		}
		throw error;
	}
}

function complete(session: Session, repository: number, push: V1PushKey): Promise<V1CompleteOutcome> {
	return session.transaction(async inner => {
		const [row] = await inner.run<readonly PushRow[]>('v1_pushes', pushes =>
			inner.lock(pushes.select(...pushColumns).where(keyOf(repository, push))),
		);
		if (row === undefined || !isWhole(row)) {
			return 'incomplete';
		}
		const outcome = await storeImage(inner, {repository, push, row});
		if (outcome === 'stored') {
			await inner.run('v1_pushes', pushes => pushes.where(keyOf(repository, push)).delete());
		}
		return outcome;
	});
}

interface Received {
	readonly repository: number;
	readonly push: V1PushKey;
	readonly row: WholeRow;
}

async function storeImage(session: Session, received: Received): Promise<V1CompleteOutcome> {
	const {repository, push, row} = received;
	const ancestors = row.parent === null ? undefined : await keepV1Ancestry(session, repository, row.parent);
	if (row.parent !== null && ancestors === undefined) {
		return 'parent-unknown';
	}
	const depth = (ancestors?.length ?? 0) + 1;
	if (depth > mostV1Ancestors) {
		return 'too-many-ancestors';
	}
	const request = {repository, image: push.image, digest: row.layer_digest};
	const held = await findHeldBlob(session, request);
	if (held === undefined || !(await hold(session, {...request, storage: held.storage}))) {
		return 'layer-unknown';
	}
	const known = await keepImage(session, repository, push.id);
	if (known === undefined) {
		await insertImage(session, received, depth);
	} else if (known.layer_digest !== row.layer_digest || Buffer.compare(known.json, row.json) !== 0) {
		return 'conflict';
	}
	await giveImages(session, {repository, image: push.image}, await listV1Ancestry(session, repository, push.id));
	return 'stored';
}

/** Undefined when it is not there; else it is not deleted before the transaction ends. */
async function keepImage(session: Session, repository: number, id: V1ImageId) {
	const rows = await session.run<readonly object[]>('v1_images', images =>
		session.share(images.select('id').where({repository_id: repository, v1_id: id})),
	);
	return rows.length === 0 ? undefined : findV1ImageRow(session, repository, id);
}

async function insertImage(session: Session, {repository, push, row}: Received, depth: number): Promise<void> {
	const {parent, layer_digest, layer_size, checksum, json} = row;
	await session.run('v1_images', images =>
		images.insert({
			repository_id: repository,
			v1_id: push.id,
			parent,
			depth,
			layer_digest,
			layer_size,
			checksum,
			json,
			pushed_by: push.by,
			created_at: Date.now(),
		}),
	);
}

function isWhole(row: PushRow): row is WholeRow {
	return row.json !== null && row.layer_digest !== null && row.layer_size !== null && row.checksum !== null;
}

function keyOf(repository: number, {image, id, by}: V1PushKey) {
	return {repository_id: repository, v1_id: id, pushed_by: by, image};
}
