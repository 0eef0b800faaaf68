import {ConflictError} from '../metadata/conflict-error.ts';
import type {BlobRecord} from '../metadata/blob-records.ts';
import {QuotaExceededError} from '../metadata/quota-exceeded-error.ts';
import type {MetadataStore} from '../metadata/metadata-store.ts';
import type {Descriptor} from '../oci/descriptor.ts';
import {type Digest, DigestBuilder, digestAlgorithm} from '../oci/digest.ts';
import {RegistryError} from '../oci/registry-error.ts';
import {StorageError} from '../storage/storage-error.ts';
import type {Abortable} from '../types/abortable.ts';
import {blobKey} from './blob-keys.ts';
import type {BlobUploadParts} from './blob-upload.ts';
import {discardUpload} from './discard-upload.ts';
import {type UploadClaim, uploadError, uploadUnknown} from './upload-claim.ts';

/**
 * Makes a blob of an upload: seal, verify, move to the lasting key, and make it known in one transaction. A crash
 * between any two steps leaves what a repeated commit takes up again, and what a sweep collects if there is none.
 */
export class BlobCommit {
	readonly #claim: UploadClaim;
	readonly #blob: BlobRecord;
	readonly #parts: Omit<BlobUploadParts, 'hashes'>;

	constructor(claim: UploadClaim, digest: Digest, parts: Omit<BlobUploadParts, 'hashes'>) {
		const {id, state, storage} = claim.record;
		this.#claim = claim;
		this.#blob = {digest, size: state.offset, storage, key: blobKey(digest, id)};
		this.#parts = parts;
	}

	async run(options: Abortable): Promise<Descriptor> {
		try {
			if (!(await this.#bringToItsPlace(options))) {
				await this.#publish();
			}
		} catch (error) {
			if (error instanceof QuotaExceededError) {
				await this.#discard();
				throw error;
			}
			await this.#giveBack();
			throw await uploadError(error, this.#claim.record.id, this.#parts.metadata.uploads);
		}
		const {digest, size} = this.#blob;
		return {mediaType: 'application/octet-stream', digest, size};
	}

	/** True when the storage has the same bytes already: then the image holds those, and the upload is over. */
	async #bringToItsPlace(options: Abortable): Promise<boolean> {
		const {storage} = this.#parts;
		try {
			await this.#verify(options);
			if (await this.#holdKnown()) {
				return true;
			}
			await this.#claim.ready();
			await storage.move(this.#claim.record.state.key, this.#blob.key, options);
			return false;
		} catch (error) {
			if (error instanceof StorageError && error.code === 'not-found' && (await this.#wasMoved(options))) {
				return false;
			}
			throw error;
		}
	}

	async #verify(options: Abortable): Promise<void> {
		const {state, digestSoFar} = this.#claim.record;
		const {digest} = this.#blob;
		await this.#claim.ready();
		await this.#parts.storage.sealUpload(state, options);
		const sameAlgorithm = digestSoFar !== undefined && digestAlgorithm(digestSoFar) === digestAlgorithm(digest);
		const actual = sameAlgorithm ? digestSoFar : await this.#digestOfSealed(options);
		if (actual !== digest) {
			await this.#dropUpload();
			throw new RegistryError('DIGEST_INVALID', 'the bytes have another digest', {detail: {expected: digest, actual}});
		}
	}

	async #digestOfSealed(options: Abortable): Promise<Digest> {
		const hash = new DigestBuilder(digestAlgorithm(this.#blob.digest));
		for await (const chunk of await this.#parts.storage.read(this.#claim.record.state.key, options)) {
			hash.update(chunk as Buffer);
		}
		return hash.digest();
	}

	/** Whether an earlier try came as far as the move; only verified bytes ever have a blob's key. */
	async #wasMoved(options: Abortable): Promise<boolean> {
		const object = await this.#parts.storage.stat(this.#blob.key, options);
		if (object === undefined) {
			throw uploadUnknown(this.#claim.record.id);
		}
		return object.size === this.#blob.size;
	}

	async #holdKnown(): Promise<boolean> {
		if ((await this.#parts.metadata.blobs.find(this.#blob.storage, this.#blob.digest)) === undefined) {
			return false;
		}
		const {held} = await this.#finish(async () => false);
		if (held) {
			await this.#free(() => this.#parts.storage.abortUpload(this.#claim.record.state));
		}
		return held;
	}

	/** No key is ever used twice, so nothing that somebody reads is replaced. */
	async #publish(): Promise<void> {
		const {held, inserted} = await this.#finish(store => store.blobs.insert(this.#blob));
		if (!held) {
			throw new Error(`the blob ${this.#blob.digest} was stored but could not be held`);
		}
		if (!inserted) {
			await this.#free(() => this.#parts.storage.delete(this.#blob.key));
		}
	}

	/** In one transaction: nobody else has changed the upload, the image holds the blob, the upload is over. */
	async #finish(
		insert: (store: MetadataStore) => Promise<boolean>,
	): Promise<{readonly held: boolean; readonly inserted: boolean}> {
		await this.#claim.stop();
		const {record} = this.#claim;
		return this.#parts.metadata.transaction(async store => {
			const inserted = await insert(store);
			const {digest} = this.#blob;
			const {quota} = this.#parts;
			const held = await store.repository(record.repository).hold(record.image, record.storage, digest, quota);
			if (held) {
				await store.uploads.save(record);
				await store.uploads.delete(record.id);
			}
			return {held, inserted};
		});
	}

	/** What is refused for good: wherever the bytes are, they are freed. */
	async #discard(): Promise<void> {
		await this.#free(async () => {
			await this.#claim.renew();
			await this.#parts.storage.delete(this.#blob.key);
			await this.#dropUpload();
		});
	}

	/** The claim may have run out: what another process goes on with, or has published, is not ours to delete. */
	async #dropUpload(): Promise<void> {
		await this.#claim.renew();
		await this.#claim.stop();
		await discardUpload(this.#claim.record, this.#parts);
	}

	/** What the blob does not need any more. Left to the sweep when it fails: the blob itself is there. */
	async #free(work: () => Promise<void>): Promise<void> {
		try {
			await work();
		} catch (error) {
			this.#parts.logger.warn({err: error, blob: this.#blob.digest}, 'what a push left over could not be deleted yet');
		}
	}

	async #giveBack(): Promise<void> {
		try {
			await this.#claim.end({});
		} catch (error) {
			// The upload is over, or somebody else's; the error that brought us here says more.
			if (!(error instanceof RegistryError || error instanceof ConflictError)) {
				this.#parts.logger.warn({err: error}, 'an upload whose commit failed could not be given back');
			}
		}
	}
}
