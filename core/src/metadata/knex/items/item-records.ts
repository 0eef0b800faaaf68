import type {Digest} from '../../../oci/digest.ts';
import type {ImageName} from '../../../oci/image-name.ts';
import type {Reference} from '../../../oci/reference.ts';
import type {
	BlobChecksums,
	ItemContent,
	ItemRecords,
	ItemTimes,
	ItemVersion,
	Labels,
	VersionsRequest,
} from '../../item-records.ts';
import type {ImagePlace} from '../../promotion-records.ts';
import type {Session} from '../session.ts';
import {findChecksums, keepChecksums} from './blob-checksums.ts';
import {readContents} from './item-contents.ts';
import {findLabels, keepLabels} from './manifest-labels.ts';
import {findVersion, listVersions} from './item-versions.ts';

const storedSql = `select manifests.created_at, manifests.pushed_by
	from images join manifests on manifests.image_id = images.id
	where images.repository_id = ? and images.name = ?
	order by manifests.created_at`;

const imagesSql = `select name from images
	where repository_id = ? and name > ? and name < ?
		and exists (select 1 from manifests where manifests.image_id = images.id)
	order by name limit ?`;

const hasSql = `select 1 from images
	where repository_id = ? and name = ? and exists (select 1 from manifests where manifests.image_id = images.id)`;

const ofDigestSql = `select images.name from images join manifests on manifests.image_id = images.id
		where images.repository_id = ? and manifests.digest = ?
	union select images.name from image_blobs join images on images.id = image_blobs.image_id
		where image_blobs.repository_id = ? and image_blobs.digest = ?
	order by name limit ?`;

/** Comes after every character that a name has. */
const last = '\u007f';

export class KnexItemRecords implements ItemRecords {
	readonly #session: Session;

	constructor(session: Session) {
		this.#session = session;
	}

	findVersion(place: ImagePlace, reference: Reference): Promise<ItemVersion | undefined> {
		return findVersion(this.#session, place, reference);
	}

	listVersions(place: ImagePlace, request: VersionsRequest): Promise<readonly ItemVersion[]> {
		return listVersions(this.#session, place, request);
	}

	listContents(place: ImagePlace, manifests: readonly Digest[]): Promise<ReadonlyMap<Digest, readonly ItemContent[]>> {
		return readContents(this.#session, place, manifests);
	}

	async hasImage({repository, image}: ImagePlace): Promise<boolean> {
		return (await this.#session.selectFirst(hasSql, [repository, image])) !== undefined;
	}

	async findImagesOf(repository: number, digest: Digest, limit: number): Promise<readonly ImageName[]> {
		const bindings = [repository, digest, repository, digest, limit];
		const rows = await this.#session.select<{name: ImageName}>(ofDigestSql, bindings);
		return rows.map(row => row.name);
	}

	async findTimes({repository, image}: ImagePlace): Promise<ItemTimes | undefined> {
		const find = async (order: 'asc' | 'desc') =>
			this.#session.selectFirst<{created_at: number; pushed_by: string}>(`${storedSql} ${order} limit 1`, [
				repository,
				image,
			]);
		const [first, last] = [await find('asc'), await find('desc')];
		return (
			first &&
			last && {
				createdAt: new Date(first.created_at),
				createdBy: first.pushed_by,
				updatedAt: new Date(last.created_at),
				updatedBy: last.pushed_by,
			}
		);
	}

	async listImages(
		repository: number,
		{prefix, after = '', limit}: {readonly prefix: string; readonly after?: string; readonly limit: number},
	): Promise<readonly ImageName[]> {
		const from = after > prefix ? after : prefix;
		const rows = await this.#session.select<{name: ImageName}>(imagesSql, [repository, from, prefix + last, limit]);
		return rows.map(row => row.name);
	}

	findChecksums(place: ImagePlace, digests: readonly Digest[]): Promise<ReadonlyMap<Digest, BlobChecksums>> {
		return findChecksums(this.#session, place, digests);
	}

	keepChecksums(digest: Digest, checksums: BlobChecksums): Promise<void> {
		return keepChecksums(this.#session, digest, checksums);
	}

	findLabels(place: ImagePlace, manifests: readonly Digest[]): Promise<ReadonlyMap<Digest, Labels>> {
		return findLabels(this.#session, place, manifests);
	}

	keepLabels(place: ImagePlace, manifest: Digest, labels: Labels): Promise<void> {
		return keepLabels(this.#session, place, {manifest, labels});
	}
}
