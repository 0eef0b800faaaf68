import {createHash} from 'node:crypto';
import type {Readable} from 'node:stream';
import type {BlobChecksums} from '../../metadata/item-records.ts';
import type {MetadataStore} from '../../metadata/metadata-store.ts';
import type {Storage} from '../../storage/storage.ts';
import {StorageError} from '../../storage/storage-error.ts';
import type {Abortable} from '../../types/abortable.ts';
import type {FileItem} from './item.ts';

export interface ItemChecksumsParts {
	readonly metadata: MetadataStore;
	/** By name. */
	readonly storages: ReadonlyMap<string, Storage>;
}

/** What is read for one request. Bytes. */
const mostBytes = 256 * 1024 * 1024;

/**
 * MD5 and SHA-1 of blobs, which older clients ask for: read from the storage on first demand, and then kept in rows. It
 * lives as long as a request, and reads no more than 256 MiB for it: what is beyond is not known yet, and a further request
 * goes on with it.
 */
export class ItemChecksums {
	readonly #parts: ItemChecksumsParts;
	#left = mostBytes;

	constructor(parts: ItemChecksumsParts) {
		this.#parts = parts;
	}

	/** Those that were kept before. */
	async findKnown(files: readonly FileItem[]): Promise<ReadonlyMap<FileItem, BlobChecksums>> {
		const found = new Map<FileItem, BlobChecksums>();
		const blobs = files.filter(isBlob);
		const byPlace = Map.groupBy(blobs, ({source, version}) => `${source.definition.id} ${version.image}`);
		for (const ofImage of byPlace.values()) {
			const {source, version} = ofImage[0] as FileItem;
			const place = {repository: source.definition.id, image: version.image};
			const digests = [...new Set(ofImage.map(({digest}) => digest))];
			const known = await this.#parts.metadata.items.findChecksums(place, digests);
			for (const file of ofImage) {
				const checksums = known.get(file.digest);
				if (checksums !== undefined) {
					found.set(file, checksums);
				}
			}
		}
		return found;
	}

	/** Those too that have to be read for it, as far as that may be. */
	async read(files: readonly FileItem[], options: Abortable = {}): Promise<ReadonlyMap<FileItem, BlobChecksums>> {
		const found = new Map(await this.findKnown(files));
		for (const file of files) {
			if (isBlob(file) && !found.has(file)) {
				const same = [...found.keys()].find(other => other.digest === file.digest);
				const checksums = same === undefined ? await this.#compute(file, options) : found.get(same);
				if (checksums !== undefined) {
					found.set(file, checksums);
				}
			}
		}
		return found;
	}

	async #compute({source, version, digest, size}: FileItem, {signal}: Abortable): Promise<BlobChecksums | undefined> {
		signal?.throwIfAborted();
		const {metadata, storages} = this.#parts;
		const held =
			size > this.#left ? undefined : await metadata.repository(source.definition.id).findBlob(version.image, digest);
		const storage = held && storages.get(held.storage);
		if (held === undefined || storage === undefined) {
			return undefined;
		}
		this.#left -= size;
		try {
			const checksums = await checksumsOf(await storage.read(held.key, {signal}));
			await metadata.items.keepChecksums(digest, checksums);
			return checksums;
		} catch (error) {
			// What is lost is told to who pulls it; it does not keep anybody from finding the rest.
			if (error instanceof StorageError && error.code === 'not-found') {
				return undefined;
			}
			throw error;
		}
	}
}

function isBlob({content}: FileItem): boolean {
	return content === 'config' || content === 'layer';
}

async function checksumsOf(bytes: Readable): Promise<BlobChecksums> {
	const [md5, sha1] = [createHash('md5'), createHash('sha1')];
	for await (const piece of bytes as AsyncIterable<Uint8Array>) {
		md5.update(piece);
		sha1.update(piece);
	}
	return {md5: md5.digest('hex'), sha1: sha1.digest('hex')};
}
