import {randomUUID} from 'node:crypto';
import type {Readable} from 'node:stream';
import type {BlobRecord} from '../metadata/blob-records.ts';
import type {MetadataStore} from '../metadata/metadata-store.ts';
import type {UploadRecord} from '../metadata/upload-records.ts';
import type {Quota} from '../metadata/write-rules.ts';
import type {Descriptor} from '../oci/descriptor.ts';
import {type Digest, digestAlgorithm, digestOf} from '../oci/digest.ts';
import type {ImageName} from '../oci/image-name.ts';
import {RegistryError} from '../oci/registry-error.ts';
import {StorageError} from '../storage/storage-error.ts';
import type {Storage} from '../storage/storage.ts';
import type {Abortable} from '../types/abortable.ts';
import type {ByteRange} from '../types/byte-range.ts';
import type {Logger} from '../types/logger.ts';
import {uploadKey} from './blob-keys.ts';
import type {
	BlobContent,
	BlobStore,
	CopyThroughOptions,
	ExpectedBlob,
	OpenBlobOptions,
	StartUploadOptions,
	UploadOwner,
} from './blob-store.ts';
import {BlobUpload} from './blob-upload.ts';
import {BlobTransfers} from './copy-through/blob-transfers.ts';
import type {CopySource} from './copy-through/copy-source.ts';
import type {LiveHashes} from './live-hashes.ts';
import type {Upload} from './upload.ts';

/** Long enough to begin a download; a client that was redirected asks at once. */
const signedUrlSeconds = 600;

export interface StorageBlobStoreParts {
	/** Where new blobs go. */
	readonly storage: Storage;
	/** All by name: what was pushed before the repository got another storage is still read from where it is. */
	readonly storages: ReadonlyMap<string, Storage>;
	readonly metadata: MetadataStore;
	/** `id` of the repository's definition. */
	readonly repositoryId: number;
	readonly hashes: LiveHashes;
	readonly logger: Logger;
	/** How much images of the repository may hold. */
	readonly quota?: Quota;
	/** Blobs on their way here, of all repositories of this process. Only this one's unless told. */
	readonly transfers?: BlobTransfers;
	/** How long a process that died keeps others from an upload; 10,000 unless told. */
	readonly claimMs?: number;
}

/** The blobs of one repository. */
export class StorageBlobStore implements BlobStore {
	readonly #parts: StorageBlobStoreParts;
	readonly #transfers: BlobTransfers;

	constructor(parts: StorageBlobStoreParts) {
		this.#parts = parts;
		this.#transfers = parts.transfers ?? new BlobTransfers();
	}

	get storage(): string {
		return this.#parts.storage.name;
	}

	find(digest: Digest): Promise<BlobRecord | undefined> {
		return this.#parts.metadata.blobs.find(this.storage, digest);
	}

	async open(blob: BlobRecord, {range, redirect = false, signal}: OpenBlobOptions = {}): Promise<BlobContent> {
		const storage = this.#storageOf(blob.storage);
		const {key} = blob;
		const size = range ? range.end - range.start : blob.size;
		if (redirect && storage.signedUrl) {
			const options = {expiresInSeconds: signedUrlSeconds, contentType: 'application/octet-stream', signal};
			return {kind: 'elsewhere', size, url: await storage.signedUrl(key, options)};
		}
		const open = () => this.#read(blob, {range, signal});
		if (storage.localPath) {
			const openFile = storage.openFile?.bind(storage, key, {signal});
			return {kind: 'file', size, path: storage.localPath(key), open, openFile};
		}
		return {kind: 'bytes', size, body: await open()};
	}

	async startUpload(owner: UploadOwner, options: StartUploadOptions = {}): Promise<Upload> {
		const {storage, metadata, repositoryId, quota} = this.#parts;
		await this.#checkLimit(owner, options.openAtMost);
		if (quota !== undefined) {
			await metadata.repository(repositoryId).demandRoom(owner.image, {quota, bytes: 1});
		}
		const record = this.#newRecord(owner, options);
		// The row first: whatever a crash leaves of the upload is then found and freed when it has been idle for long.
		await metadata.uploads.insert(record);
		const state = await this.#createUpload(record, options);
		const changed = JSON.stringify(state) !== JSON.stringify(record.state);
		const created = changed ? await metadata.uploads.save({...record, state}) : record;
		return new BlobUpload(created, {...this.#parts, storage});
	}

	async findUpload({image, startedBy}: UploadOwner, id: string): Promise<Upload | undefined> {
		const record = await this.#parts.metadata.uploads.find(id);
		const own = record?.repository === this.#parts.repositoryId;
		if (!own || record.image !== image || record.startedBy !== startedBy) {
			return undefined;
		}
		return new BlobUpload(record, {...this.#parts, storage: this.#storageOf(record.storage)});
	}

	async hold(image: ImageName, digest: Digest): Promise<Descriptor | undefined> {
		const {metadata, repositoryId, quota} = this.#parts;
		const blob = await this.find(digest);
		const held = blob && (await metadata.repository(repositoryId).hold(image, this.storage, digest, quota));
		return held ? {mediaType: 'application/octet-stream', digest, size: blob.size} : undefined;
	}

	async copyThrough(
		owner: UploadOwner,
		expected: ExpectedBlob,
		source: CopySource,
		{range, signal}: CopyThroughOptions = {},
	): Promise<BlobContent | undefined> {
		const {repositoryId, logger} = this.#parts;
		const body = await this.#transfers.read({
			storage: this.storage,
			owner: `${repositoryId}/${owner.image}`,
			expected,
			source,
			store: (body, digest, signal) => this.#store(owner, digest, body, signal),
			hold: () => this.hold(owner.image, expected.digest),
			range,
			signal,
			logger,
		});
		const size = range ? range.end - range.start : expected.size;
		return body && {kind: 'bytes', size, body};
	}

	/** As a client's push in one piece; the transfer gives its last bytes only when all have been found right. */
	async #store(owner: UploadOwner, digest: Digest, body: Readable, signal: AbortSignal): Promise<void> {
		try {
			const upload = await this.startUpload(owner, {algorithm: digestAlgorithm(digest), signal});
			try {
				await upload.append(body, {signal, checked: digest});
				await upload.commit(digest, {signal});
			} catch (error) {
				await upload.cancel();
				throw error;
			}
		} finally {
			body.destroy();
		}
	}

	/** A blob may be moved to another storage between the moment when its row was read and this one. */
	async #read(blob: BlobRecord, options: Abortable & {readonly range?: ByteRange}): Promise<Readable> {
		try {
			return await this.#storageOf(blob.storage).read(blob.key, options);
		} catch (error) {
			const missing = error instanceof StorageError && error.code === 'not-found';
			const moved = missing ? await this.#findElsewhere(blob) : undefined;
			if (moved === undefined) {
				throw error;
			}
			return this.#storageOf(moved.storage).read(moved.key, options);
		}
	}

	async #findElsewhere({digest, key}: BlobRecord): Promise<BlobRecord | undefined> {
		for (const name of this.#parts.storages.keys()) {
			const found = await this.#parts.metadata.blobs.find(name, digest);
			if (found !== undefined && found.key !== key) {
				return found;
			}
		}
		return undefined;
	}

	async #checkLimit({startedBy}: UploadOwner, openAtMost: number | undefined): Promise<void> {
		if (openAtMost === undefined || (await this.#parts.metadata.uploads.countStartedBy(startedBy)) < openAtMost) {
			return;
		}
		throw new RegistryError('TOOMANYREQUESTS', 'too many uploads are open: finish or cancel some', {
			detail: {limit: openAtMost},
			headers: {'Retry-After': '60'},
		});
	}

	#newRecord({image, startedBy}: UploadOwner, {algorithm}: StartUploadOptions): UploadRecord {
		const id = randomUUID();
		const now = new Date();
		return {
			id,
			repository: this.#parts.repositoryId,
			image,
			storage: this.storage,
			state: {key: uploadKey(id), offset: 0},
			// That of no bytes: it also remembers the algorithm.
			digestSoFar: digestOf(new Uint8Array(), algorithm),
			version: 0,
			startedBy,
			startedAt: now,
			updatedAt: now,
		};
	}

	async #createUpload({id, state}: UploadRecord, {signal}: Abortable) {
		const {storage, metadata, logger} = this.#parts;
		try {
			return await storage.createUpload(state.key, {signal});
		} catch (error) {
			// The first error counts; a row that stays is removed once it has been idle for long.
			await metadata.uploads
				.delete(id)
				.catch((also: unknown) => logger.warn({err: also}, 'could not forget an upload'));
			throw error;
		}
	}

	#storageOf(name: string): Storage {
		const storage = name === this.storage ? this.#parts.storage : this.#parts.storages.get(name);
		if (storage === undefined) {
			throw new Error(`storage "${name}" holds what is asked for, but is not configured any more`);
		}
		return storage;
	}
}
