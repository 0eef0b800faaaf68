import type {Readable} from 'node:stream';
import type {BlobClient, BlobDownloadResponseParsed, BlockBlobClient, ContainerClient} from '@azure/storage-blob';
import {
	type Abortable,
	type ByteRange,
	type SignedUrlOptions,
	type StorageDriver,
	type StorageErrorCode,
	type StoredObject,
	type UploadState,
	MissingError,
	ResumingStream,
} from '@stowage/core';
import {type BeginCopy, beginCopy, copyBlob, isWhole, propertiesOf} from './copy-blob.ts';
import {beginEncryptedCopy} from './copy-encrypted.ts';
import type {OpenSource} from './copy-source.ts';
import {classifyError, isMissing} from './errors.ts';
import type {Account} from './open-account.ts';
import type {AzureOptions} from './options.ts';
import {stageBlocks} from './stage-blocks.ts';
import {UploadBlocks, tailBlockId} from './upload-blocks.ts';
import type {SignUrl} from './url-signer.ts';

/** An object is a block blob; an upload is staged blocks of it, which nobody sees until they are committed. */
export class AzureDriver implements StorageDriver {
	/** Present when there is something to sign with. */
	readonly signedUrl?: (key: string, options: SignedUrlOptions) => Promise<URL>;
	readonly #close: () => void;
	readonly #container: ContainerClient;
	readonly #openSource: OpenSource;
	readonly #options: AzureOptions;
	readonly #prefix: string;

	constructor(account: Account, options: AzureOptions) {
		this.#close = () => account.close();
		this.#container = account.service.getContainerClient(options.container);
		this.#openSource = account.openSource;
		this.#options = options;
		this.#prefix = options.prefix === '' ? '' : `${options.prefix}/`;
		const {signUrl} = account;
		if (signUrl !== undefined) {
			this.signedUrl = (key, asked) => this.#signed(signUrl, this.#blob(key), asked);
		}
	}

	async check({signal}: Abortable = {}): Promise<void> {
		const pages = this.#container.listBlobsFlat({prefix: `${this.#prefix}check`, abortSignal: signal});
		await pages.byPage({maxPageSize: 1}).next();
	}

	async stat(key: string, {signal}: Abortable = {}): Promise<StoredObject | undefined> {
		const properties = await propertiesOf(this.#blob(key), {signal});
		return properties !== undefined && isWhole(properties)
			? {key, size: properties.contentLength ?? 0, modifiedAt: properties.lastModified ?? new Date(0)}
			: undefined;
	}

	async read(key: string, {signal, range}: Abortable & {readonly range?: ByteRange} = {}): Promise<Readable> {
		const blob = this.#blob(key);
		const [start, count] = range === undefined ? [0, undefined] : [range.start, range.end - range.start];
		const first = await blob.download(start, count, {abortSignal: signal, maxRetryRequests: 0});
		const stream = bodyOf(first);
		if (!isWhole(first)) {
			stream.destroy();
			throw new MissingError(`the object ${key} is still being copied`);
		}
		const size = first.contentLength ?? 0;
		return new ResumingStream(stream, {
			size,
			mayResume: error => signal?.aborted !== true && !['denied', 'not-found'].includes(classifyError(error)),
			reopen: async (offset, ended) => {
				const abortSignal = signal === undefined ? ended : AbortSignal.any([signal, ended]);
				const settings = {abortSignal, maxRetryRequests: 0, conditions: {ifMatch: first.etag}};
				return bodyOf(await blob.download(start + offset, size - offset, settings));
			},
			patience: this.#options.timeoutSeconds * 1000,
		});
	}

	async *list(prefix: string, {signal}: Abortable = {}): AsyncIterable<StoredObject> {
		const blobs = this.#container.listBlobsFlat({
			prefix: this.#prefix + prefix,
			includeCopy: true,
			abortSignal: signal,
		});
		for await (const {name, properties} of blobs) {
			signal?.throwIfAborted();
			if (isWhole(properties) && !name.endsWith('~')) {
				yield {
					key: name.slice(this.#prefix.length),
					size: properties.contentLength ?? 0,
					modifiedAt: properties.lastModified,
				};
			}
		}
	}

	async move(from: string, to: string, {signal}: Abortable = {}): Promise<void> {
		signal?.throwIfAborted();
		const [source, target] = [this.#blob(from), this.#blob(to)];
		try {
			await copyBlob(this.#copyOf(source, target), target, {signal});
		} catch (error) {
			if (!isMissing(error)) {
				throw error;
			}
			if ((await this.stat(to, {signal})) === undefined) {
				throw new MissingError(`there is no object ${from}`, {cause: error});
			}
			return;
		}
		await deleteBlob(source, {signal});
	}

	async delete(key: string, {signal}: Abortable = {}): Promise<void> {
		await deleteBlob(this.#blob(key), {signal});
	}

	async createUpload(key: string, {signal}: Abortable = {}): Promise<UploadState> {
		signal?.throwIfAborted();
		return {key, offset: 0};
	}

	async appendUpload({key, offset, data}: UploadState, body: Readable, {signal}: Abortable = {}): Promise<UploadState> {
		signal?.throwIfAborted();
		const {after, received} = await stageBlocks(this.#blob(key), UploadBlocks.of(data), body, {
			signal,
			blockSize: this.#options.blockMebibytes * 1024 * 1024,
			parallel: this.#options.parallelBlocks,
			encryptionScope: this.#options.encryptionScope,
		});
		return {key, offset: offset + received, data: after.toJson()};
	}

	async sealUpload({key, data}: UploadState, {signal}: Abortable = {}): Promise<void> {
		const blob = this.#blob(key);
		const blocks = UploadBlocks.of(data);
		const {tail, ids} = blocks;
		const {accessTier: tier, encryptionScope} = this.#options;
		const settings = {abortSignal: signal, encryptionScope};
		if (ids.length === 0) {
			await blob.upload(tail, tail.length, {...settings, tier});
			return;
		}
		if (tail.length > 0) {
			await blob.stageBlock(tailBlockId, tail, tail.length, settings);
			ids.push(tailBlockId);
		}
		await blob.commitBlockList(ids, {...settings, tier});
	}

	async abortUpload({key}: UploadState, {signal}: Abortable = {}): Promise<void> {
		const blob = this.#blob(key);
		if ((await deleteBlob(blob, {signal})) || !(await hasBlocks(blob, {signal}))) {
			return;
		}
		// Nothing deletes staged blocks but an object that takes their place.
		await blob.upload('', 0, {abortSignal: signal, encryptionScope: this.#options.encryptionScope});
		await deleteBlob(blob, {signal});
	}

	classify(error: unknown): StorageErrorCode {
		return classifyError(error);
	}

	async close(): Promise<void> {
		this.#close();
	}

	#copyOf(source: BlobClient, target: BlockBlobClient): BeginCopy {
		const {accessTier: tier, encryptionScope} = this.#options;
		// Within one account the service lets whoever may write a copy and read its source make one.
		return encryptionScope === undefined
			? beginCopy(source.url, target, {tier})
			: beginEncryptedCopy(source, target, {openSource: this.#openSource, encryptionScope, tier});
	}

	#blob(key: string): BlockBlobClient {
		return this.#container.getBlockBlobClient(this.#prefix + key);
	}

	async #signed(signUrl: SignUrl, blob: BlobClient, options: SignedUrlOptions): Promise<URL> {
		options.signal?.throwIfAborted();
		const url = new URL(blob.url);
		url.search = await signUrl({
			...options,
			container: this.#options.container,
			blob: blob.name,
			plain: url.protocol === 'http:',
		});
		return url;
	}
}

function bodyOf({readableStreamBody}: BlobDownloadResponseParsed): Readable {
	return readableStreamBody as Readable;
}

/** Whether there was one. */
async function deleteBlob(blob: BlobClient, {signal}: Abortable): Promise<boolean> {
	try {
		await blob.delete({abortSignal: signal, deleteSnapshots: 'include'});
		return true;
	} catch (error) {
		if (isMissing(error)) {
			return false;
		}
		throw error;
	}
}

/** Whether blocks are staged that no object has. */
async function hasBlocks(blob: BlockBlobClient, {signal}: Abortable): Promise<boolean> {
	try {
		const {uncommittedBlocks = []} = await blob.getBlockList('uncommitted', {abortSignal: signal});
		return uncommittedBlocks.length > 0;
	} catch (error) {
		if (isMissing(error)) {
			return false;
		}
		throw error;
	}
}
