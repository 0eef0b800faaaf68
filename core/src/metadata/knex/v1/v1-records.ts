import type {Digest} from '../../../oci/digest.ts';
import type {ImageName} from '../../../oci/image-name.ts';
import type {TagName} from '../../../oci/tag-name.ts';
import type {V1ImageId} from '../../../oci/v1-image-id.ts';
import type {Page, PageRequest} from '../../../types/page.ts';
import type {BlobRecord} from '../../blob-records.ts';
import type {
	PutV1TagOptions,
	V1CompleteOutcome,
	V1ImageRecord,
	V1Push,
	V1PushKey,
	V1Records,
	V1Tag,
} from '../../v1-records.ts';
import type {Session} from '../session.ts';
import {collectV1} from './collect-v1.ts';
import {findV1Image, findV1Layer, listV1Ancestry, listV1Holders, listV1Images} from './v1-image-rows.ts';
import {deleteV1Name, deleteV1Tag, findV1Tag, listV1Names, listV1Tags, putV1Tag} from './v1-name-rows.ts';
import {announceV1, completeV1Push, findV1Pushes, updateV1Push} from './v1-push-rows.ts';

export class KnexV1Records implements V1Records {
	readonly #session: Session;
	readonly #repository: number;

	constructor(session: Session, repository: number) {
		this.#session = session;
		this.#repository = repository;
	}

	findImage(id: V1ImageId): Promise<V1ImageRecord | undefined> {
		return findV1Image(this.#session, this.#repository, id);
	}

	listAncestry(id: V1ImageId): Promise<readonly V1ImageId[]> {
		return listV1Ancestry(this.#session, this.#repository, id);
	}

	findLayer(digest: Digest): Promise<BlobRecord | undefined> {
		return findV1Layer(this.#session, this.#repository, digest);
	}

	listHolders(id: V1ImageId, page: PageRequest): Promise<Page<ImageName>> {
		return listV1Holders(this.#session, this.#repository, {id, ...page});
	}

	listNames(page: PageRequest): Promise<Page<ImageName>> {
		return listV1Names(this.#session, this.#repository, page);
	}

	listTags(image: ImageName, page: PageRequest): Promise<Page<V1Tag> | undefined> {
		return listV1Tags(this.#session, {repository: this.#repository, image}, page);
	}

	findTag(image: ImageName, tag: TagName): Promise<V1Tag | undefined> {
		return findV1Tag(this.#session, {repository: this.#repository, image}, tag);
	}

	listImages(image: ImageName, page: PageRequest): Promise<Page<Pick<V1ImageRecord, 'id' | 'checksum'>>> {
		return listV1Images(this.#session, this.#repository, {image, ...page});
	}

	announce(image: ImageName, ids: readonly V1ImageId[], by: string): Promise<void> {
		return announceV1(this.#session, {repository: this.#repository, image}, {ids, by});
	}

	findPushes(id: V1ImageId, by: string): Promise<readonly V1Push[]> {
		return findV1Pushes(this.#session, this.#repository, {id, by});
	}

	putJson(push: V1PushKey, {json, parent}: Required<Pick<V1Push, 'json'>> & Pick<V1Push, 'parent'>): Promise<void> {
		const without = {layer_digest: null, layer_size: null, checksum: null};
		return updateV1Push(this.#session, this.#repository, push, {json, parent: parent ?? null, ...without});
	}

	putLayer(push: V1PushKey, {layer, checksum}: Required<Pick<V1Push, 'layer' | 'checksum'>>): Promise<void> {
		const {digest, size} = layer;
		return updateV1Push(this.#session, this.#repository, push, {layer_digest: digest, layer_size: size, checksum});
	}

	complete(push: V1PushKey): Promise<V1CompleteOutcome> {
		return completeV1Push(this.#session, this.#repository, push);
	}

	putTag(
		image: ImageName,
		tag: TagName,
		id: V1ImageId,
		options: PutV1TagOptions,
	): Promise<'stored' | 'unknown' | 'tag-exists'> {
		return putV1Tag(this.#session, {repository: this.#repository, image}, {tag, id, ...options});
	}

	deleteTag(image: ImageName, tag: TagName): Promise<boolean> {
		return deleteV1Tag(this.#session, {repository: this.#repository, image}, tag);
	}

	deleteName(image: ImageName): Promise<boolean> {
		return deleteV1Name(this.#session, {repository: this.#repository, image});
	}

	collect(before: Date): Promise<number> {
		return collectV1(this.#session, this.#repository, before.getTime());
	}
}
