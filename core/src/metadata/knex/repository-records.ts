import type {Descriptor} from '../../oci/descriptor.ts';
import type {Digest} from '../../oci/digest.ts';
import type {ImageName} from '../../oci/image-name.ts';
import type {ManifestRecord, StoredManifest} from '../../oci/manifest-record.ts';
import type {Reference} from '../../oci/reference.ts';
import type {TagName} from '../../oci/tag-name.ts';
import type {Json} from '../../types/json.ts';
import type {Page, PageRequest} from '../../types/page.ts';
import type {EverythingOptions, Removal, RemovalOptions, RemovalRequest} from '../removal-records.ts';
import type {RetainedItem, RetainedPage} from '../retention-records.ts';
import type {
	FoundManifestRecord,
	HeldBlob,
	ListReferrersRequest,
	NamingIndex,
	ManifestPull,
	NamedManifest,
	PutManifestOptions,
	PutManifestOutcome,
	RoomRequest,
	RepositoryRecords,
} from '../repository-records.ts';
import type {V1Records} from '../v1-records.ts';
import type {Quota, WriteRules} from '../write-rules.ts';
import {deleteManifest} from './delete-manifest.ts';
import {findHeldBlob, findHolders, hold, release} from './hold-rows.ts';
import {listImages} from './image-rows.ts';
import {listIndexes} from './index-rows.ts';
import {findUnused, notePulls} from './manifest-pulls.ts';
import {findManifest, findReferring, listReferrers} from './manifest-rows.ts';
import {putManifest} from './put-manifest.ts';
import {listRetainedManifests, listRetainedTags} from './retention-rows.ts';
import {removeEverything, removeFromImage} from './removal/remove-from-image.ts';
import {getValue, setValue} from './repository-values.ts';
import {demandRoom} from './rules/admit-holds.ts';
import {recountTotals} from './rules/held-totals.ts';
import type {Session} from './session.ts';
import {deleteTag, listTags} from './tag-rows.ts';
import {KnexV1Records} from './v1/v1-records.ts';

export class KnexRepositoryRecords implements RepositoryRecords {
	readonly v1: V1Records;
	readonly #session: Session;
	readonly #repository: number;

	constructor(session: Session, repository: number) {
		this.v1 = new KnexV1Records(session, repository);
		this.#session = session;
		this.#repository = repository;
	}

	findManifest(image: ImageName, reference: Reference): Promise<FoundManifestRecord | undefined> {
		return findManifest(this.#session, {repository: this.#repository, image}, reference);
	}

	putManifest(image: ImageName, manifest: ManifestRecord, options: PutManifestOptions): Promise<PutManifestOutcome> {
		return putManifest(this.#session, {repository: this.#repository, image}, manifest, options);
	}

	deleteManifest(image: ImageName, digest: Digest, rules?: WriteRules): Promise<'deleted' | 'unknown' | 'in-index'> {
		return deleteManifest(this.#session, {repository: this.#repository, image}, digest, rules);
	}

	deleteTag(image: ImageName, tag: TagName, rules?: WriteRules): Promise<boolean> {
		return deleteTag(this.#session, {repository: this.#repository, image}, {tag, rules});
	}

	remove(image: ImageName, request: RemovalRequest, options: RemovalOptions = {}): Promise<Removal> {
		return removeFromImage(this.#session, {repository: this.#repository, image}, {...request, ...options});
	}

	removeEverything(image: ImageName, options: EverythingOptions): Promise<Removal> {
		return removeEverything(this.#session, {repository: this.#repository, image}, options);
	}

	listRetainedTags(image: ImageName, page: RetainedPage): Promise<readonly RetainedItem[]> {
		return listRetainedTags(this.#session, {repository: this.#repository, image}, page);
	}

	listRetainedManifests(image: ImageName, page: RetainedPage): Promise<readonly RetainedItem[]> {
		return listRetainedManifests(this.#session, {repository: this.#repository, image}, page);
	}

	listTags(image: ImageName, page: PageRequest): Promise<Page<TagName> | undefined> {
		return listTags(this.#session, {repository: this.#repository, image}, page);
	}

	listImages(page: PageRequest): Promise<Page<ImageName>> {
		return listImages(this.#session, this.#repository, page);
	}

	listIndexes(image: ImageName, digest: Digest): Promise<readonly NamingIndex[]> {
		return listIndexes(this.#session, {repository: this.#repository, image}, digest);
	}

	listReferrers(image: ImageName, subject: Digest, request: ListReferrersRequest): Promise<Page<Descriptor>> {
		return listReferrers(this.#session, {repository: this.#repository, image, subject}, request);
	}

	findReferring(image: ImageName, digest: Digest): Promise<StoredManifest | undefined> {
		return findReferring(this.#session, {repository: this.#repository, image}, digest);
	}

	notePulls(pulls: readonly ManifestPull[]): Promise<void> {
		return notePulls(this.#session, this.#repository, pulls);
	}

	findUnused(before: Date, limit: number): Promise<readonly NamedManifest[]> {
		return findUnused(this.#session, this.#repository, {before: before.getTime(), limit});
	}

	findBlob(image: ImageName, digest: Digest): Promise<HeldBlob | undefined> {
		return findHeldBlob(this.#session, {repository: this.#repository, image, digest});
	}

	findHolders(digest: Digest, limit: number): Promise<readonly ImageName[]> {
		return findHolders(this.#session, this.#repository, {digest, limit});
	}

	hold(image: ImageName, storage: string, digest: Digest, quota?: Quota): Promise<boolean> {
		return hold(this.#session, {repository: this.#repository, image, digest, storage, quota});
	}

	async demandRoom(image: ImageName, room: RoomRequest): Promise<void> {
		await demandRoom(this.#session, {repository: this.#repository, image}, room);
	}

	recountHeld(): Promise<void> {
		return recountTotals(this.#session, this.#repository);
	}

	release(image: ImageName, digest: Digest): Promise<'released' | 'unknown' | 'in-use'> {
		return release(this.#session, {repository: this.#repository, image, digest});
	}

	getValue(name: string): Promise<Json | undefined> {
		return getValue(this.#session, this.#repository, name);
	}

	setValue(name: string, value: Json): Promise<void> {
		return setValue(this.#session, this.#repository, {name, value});
	}
}
