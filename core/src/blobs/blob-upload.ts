import type {Readable} from 'node:stream';
import type {MetadataStore} from '../metadata/metadata-store.ts';
import type {UploadRecord} from '../metadata/upload-records.ts';
import type {Quota} from '../metadata/write-rules.ts';
import type {Descriptor} from '../oci/descriptor.ts';
import {type Digest, type DigestBuilder, digestAlgorithm} from '../oci/digest.ts';
import type {UploadState} from '../storage/driver.ts';
import type {Storage} from '../storage/storage.ts';
import type {Abortable} from '../types/abortable.ts';
import type {Logger} from '../types/logger.ts';
import {BlobCommit} from './blob-commit.ts';
import type {LiveHashes} from './live-hashes.ts';
import {ReceivedBody} from './received-body.ts';
import {discardUpload} from './discard-upload.ts';
import {UploadClaim, uploadUnknown} from './upload-claim.ts';
import type {AppendOptions, Upload} from './upload.ts';

export interface BlobUploadParts {
	readonly storage: Storage;
	readonly metadata: MetadataStore;
	readonly hashes: LiveHashes;
	/** How much images of the repository may hold. */
	readonly quota?: Quota;
	readonly logger: Logger;
	/** How long a process that died keeps others from an upload; 10,000 unless told. */
	readonly claimMs?: number;
}

/** An upload whose state is a row: any process can go on with it. The only place where received bytes become a blob. */
export class BlobUpload implements Upload {
	#record: UploadRecord;
	readonly #parts: BlobUploadParts;

	constructor(record: UploadRecord, parts: BlobUploadParts) {
		this.#record = record;
		this.#parts = parts;
	}

	get id(): string {
		return this.#record.id;
	}

	get offset(): number {
		return this.#record.state.offset;
	}

	/** When `body` breaks or `signal` aborts, what came until then is made safe before this rejects. */
	async append(body: Readable, {signal, ...options}: AppendOptions = {}): Promise<void> {
		signal?.throwIfAborted();
		const claim = await this.#claim();
		const hash = options.checked === undefined ? this.#takeHash(claim.record) : undefined;
		const received = new ReceivedBody(body, {...options, hash, ready: () => claim.ready(), signal});
		try {
			await this.#store(claim, received, options.checked ?? hash);
		} finally {
			received.close();
		}
		if (received.broken !== undefined) {
			throw received.broken.reason;
		}
	}

	async commit(digest: Digest, options: Abortable = {}): Promise<Descriptor> {
		options.signal?.throwIfAborted();
		const claim = await this.#claim();
		try {
			return await new BlobCommit(claim, digest, this.#parts).run(options);
		} catch (error) {
			await this.#reload();
			throw error;
		}
	}

	async cancel(): Promise<void> {
		await discardUpload(this.#record, this.#parts);
	}

	async #claim(): Promise<UploadClaim> {
		const {metadata, claimMs} = this.#parts;
		try {
			return await UploadClaim.take(this.#record, metadata.uploads, claimMs);
		} catch (error) {
			await this.#reload();
			throw error;
		}
	}

	/** So that `offset` is right, and the next call possible, whatever another request has done to the upload. */
	async #reload(): Promise<void> {
		this.#record = (await this.#parts.metadata.uploads.find(this.id)) ?? this.#record;
	}

	/** Undefined when the bytes so far were hashed elsewhere: then the commit reads them. */
	#takeHash({id, state, digestSoFar}: UploadRecord): DigestBuilder | undefined {
		return digestSoFar && this.#parts.hashes.take(id, state.offset, digestAlgorithm(digestSoFar));
	}

	async #store(claim: UploadClaim, received: ReceivedBody, known: Digest | DigestBuilder | undefined): Promise<void> {
		const {storage, hashes} = this.#parts;
		const before = claim.record.state;
		let state: UploadState;
		try {
			// Not the caller's signal: its abort ends the body, so that what came is kept.
			state = await storage.appendUpload(before, received.stream, {signal: claim.signal});
		} catch (error) {
			await this.#giveBack(claim);
			throw error;
		}
		const all = state.offset === before.offset + received.bytes;
		if (typeof known === 'string') {
			const whole = all && before.offset === 0 && received.broken === undefined;
			await this.#save(claim, state, whole ? known : undefined);
			return;
		}
		await this.#save(claim, state, all ? known?.digest() : undefined);
		if (all && known !== undefined) {
			hashes.keep(this.id, state.offset, known);
		}
	}

	async #save(claim: UploadClaim, state: UploadState, digestSoFar: Digest | undefined): Promise<void> {
		try {
			this.#record = await claim.end({state, digestSoFar});
		} catch (error) {
			if ((await this.#parts.metadata.uploads.find(this.id)) !== undefined) {
				throw error;
			}
			// It was cancelled meanwhile, and nobody else knows what this call has stored.
			await this.#parts.storage.abortUpload(state);
			throw uploadUnknown(this.id);
		}
	}

	/** After a failure that the client is told; a claim that cannot be ended now runs out by itself. */
	async #giveBack(claim: UploadClaim): Promise<void> {
		try {
			this.#record = await claim.end({});
		} catch (error) {
			this.#parts.logger.warn({err: error, upload: this.id}, 'an upload that failed could not be given back');
		}
	}
}
