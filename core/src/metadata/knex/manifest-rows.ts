import type {Descriptor} from '../../oci/descriptor.ts';
import type {Digest} from '../../oci/digest.ts';
import type {ImageName} from '../../oci/image-name.ts';
import type {StoredManifest} from '../../oci/manifest-record.ts';
import type {Reference} from '../../oci/reference.ts';
import type {Page} from '../../types/page.ts';
import type {FoundManifestRecord, ListReferrersRequest} from '../repository-records.ts';
import type {Session} from './session.ts';
import {toPage} from './to-page.ts';

const byTagSql = `select manifests.media_type, manifests.digest, tags.updated_at, manifests.bytes
	from images
	join tags on tags.image_id = images.id
	join manifests on manifests.id = tags.manifest_id
	where images.repository_id = ? and images.name = ? and tags.name = ?`;

const byDigestSql = `select manifests.media_type, manifests.digest, manifests.bytes
	from images
	join manifests on manifests.image_id = images.id
	where images.repository_id = ? and images.name = ? and manifests.digest = ?`;

const referringSql = `select manifests.media_type, manifests.digest, manifests.bytes
	from images
	join manifest_references on manifest_references.image_id = images.id
	join manifests on manifests.id = manifest_references.manifest_id
	where images.repository_id = ? and images.name = ? and manifest_references.digest = ? limit 1`;

const referrersSql = `select manifests.media_type, manifests.digest, manifests.size, manifests.artifact_type,
		manifests.annotations
	from images
	join manifests on manifests.image_id = images.id
	where images.repository_id = ? and images.name = ? and manifests.subject = ? and manifests.digest > ?`;
const referrersOfTypeSql = `${referrersSql} and manifests.artifact_type = ? order by manifests.digest limit ?`;
const allReferrersSql = `${referrersSql} order by manifests.digest limit ?`;

interface ManifestRow {
	readonly media_type: string;
	readonly digest: Digest;
	readonly bytes: Uint8Array;
	readonly updated_at?: number;
}

interface ReferrerRow {
	readonly media_type: string;
	readonly digest: Digest;
	readonly size: number;
	readonly artifact_type: string | null;
	readonly annotations: string | null;
}

/** An image of a repository. */
export interface ImageKey {
	readonly repository: number;
	readonly image: ImageName;
}

export async function findManifest(
	session: Session,
	{repository, image}: ImageKey,
	reference: Reference,
): Promise<FoundManifestRecord | undefined> {
	const [sql, wanted] =
		reference.tag === undefined ? ([byDigestSql, reference.digest] as const) : ([byTagSql, reference.tag] as const);
	return session.recallFirst(sql, [repository, image, wanted], toFoundManifest);
}

export async function findReferring(
	session: Session,
	{repository, image}: ImageKey,
	digest: Digest,
): Promise<StoredManifest | undefined> {
	const row = await session.selectFirst<ManifestRow>(referringSql, [repository, image, digest]);
	return row && toStoredManifest(row);
}

export async function listReferrers(
	session: Session,
	{repository, image, subject}: ImageKey & {readonly subject: Digest},
	{after = '', limit, artifactType}: ListReferrersRequest,
): Promise<Page<Descriptor>> {
	const bindings = [repository, image, subject, after];
	const rows =
		artifactType === undefined
			? await session.select<ReferrerRow>(allReferrersSql, [...bindings, limit + 1])
			: await session.select<ReferrerRow>(referrersOfTypeSql, [...bindings, artifactType, limit + 1]);
	return toPage(rows.map(toDescriptor), limit, descriptor => descriptor.digest);
}

function toFoundManifest(row: ManifestRow): FoundManifestRecord {
	const manifest = toStoredManifest(row);
	return row.updated_at === undefined ? {manifest} : {manifest, taggedAt: new Date(row.updated_at)};
}

function toStoredManifest({media_type: mediaType, digest, bytes}: ManifestRow): StoredManifest {
	return {mediaType, digest, bytes: Buffer.from(bytes.buffer as ArrayBuffer, bytes.byteOffset, bytes.byteLength)};
}

function toDescriptor(row: ReferrerRow): Descriptor {
	return {
		mediaType: row.media_type,
		digest: row.digest,
		size: row.size,
		...(row.artifact_type !== null && {artifactType: row.artifact_type}),
		...(row.annotations !== null && {annotations: JSON.parse(row.annotations) as Record<string, string>}),
	};
}
