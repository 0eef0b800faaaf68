import {buffer} from 'node:stream/consumers';
import pLimit from 'p-limit';
import type {Labels} from '../../metadata/item-records.ts';
import type {MetadataStore} from '../../metadata/metadata-store.ts';
import type {ImagePlace} from '../../metadata/promotion-records.ts';
import type {HeldBlob} from '../../metadata/repository-records.ts';
import type {Digest} from '../../oci/digest.ts';
import {findManifestKind} from '../../oci/media-types.ts';
import type {Storage} from '../../storage/storage.ts';
import {StorageError} from '../../storage/storage-error.ts';
import type {Abortable} from '../../types/abortable.ts';
import type {FileItem} from './item.ts';

export interface ItemLabelsParts {
	readonly metadata: MetadataStore;
	/** By name. */
	readonly storages: ReadonlyMap<string, Storage>;
}

/** A larger config has no labels that anybody looks at. Bytes. */
const largestConfig = 4 * 1024 * 1024;

/** Of names and values that are kept of an image. Bytes. */
const mostLabelBytes = 64 * 1024;

/** Configs that are read at a time. */
const atATime = 4;

/** Labels of images, which are in their configs: read from the storage once, and then kept in rows. */
export class ItemLabels {
	readonly #parts: ItemLabelsParts;

	constructor(parts: ItemLabelsParts) {
		this.#parts = parts;
	}

	/** Of those of the files that are manifests of images. */
	async read(files: readonly FileItem[], options: Abortable = {}): Promise<ReadonlyMap<FileItem, Labels>> {
		const images = files.filter(
			({content, version}) => content === 'manifest' && findManifestKind(version.mediaType) === 'image',
		);
		const found = new Map<FileItem, Labels>();
		const byPlace = Map.groupBy(images, ({source, version}) => `${source.definition.id} ${version.image}`);
		for (const ofImage of byPlace.values()) {
			const {source, version} = ofImage[0] as FileItem;
			const place = {repository: source.definition.id, image: version.image};
			const digests = [...new Set(ofImage.map(({digest}) => digest))];
			const labels = await this.readManifests(place, digests, options);
			for (const file of ofImage) {
				found.set(file, labels.get(file.digest) ?? {});
			}
		}
		return found;
	}

	/** Of those of the manifests of an image that have a config. */
	async readManifests(
		place: ImagePlace,
		digests: readonly Digest[],
		options: Abortable = {},
	): Promise<ReadonlyMap<Digest, Labels>> {
		const {items} = this.#parts.metadata;
		const labels = new Map(await items.findLabels(place, digests));
		const missing = digests.filter(digest => !labels.has(digest));
		const contents = await items.listContents(place, missing);
		const limit = pLimit(atATime);
		await Promise.all(
			missing.map(digest =>
				limit(async () => {
					const config = contents.get(digest)?.find(({kind}) => kind === 'config');
					const read = config && (await this.#readConfig(place, config.digest, options));
					if (read !== undefined) {
						await items.keepLabels(place, digest, read);
						labels.set(digest, read);
					}
				}),
			),
		);
		return labels;
	}

	/** Undefined when the config is not here, as that of a cache may be. */
	async #readConfig({repository, image}: ImagePlace, config: Digest, {signal}: Abortable): Promise<Labels | undefined> {
		signal?.throwIfAborted();
		const held = await this.#parts.metadata.repository(repository).findBlob(image, config);
		if (held === undefined) {
			return undefined;
		}
		if (held.size > largestConfig) {
			return {};
		}
		try {
			return labelsOf(await this.#readBlob(held, {signal}));
		} catch (error) {
			// What is lost is told to who pulls the config; it does not keep anybody from finding the other images.
			if (error instanceof StorageError && error.code === 'not-found') {
				return undefined;
			}
			throw error;
		}
	}

	async #readBlob({storage: name, key}: HeldBlob, {signal}: Abortable): Promise<Buffer> {
		const storage = this.#parts.storages.get(name);
		if (storage === undefined) {
			throw new Error(`storage "${name}" is not configured`);
		}
		return buffer(await storage.read(key, {signal}));
	}
}

/** Of a config as docker and the OCI image specification (config.md) write it; of anything else none. */
function labelsOf(bytes: Buffer): Labels {
	let parsed: unknown;
	try {
		parsed = JSON.parse(bytes.toString());
	} catch {
		return {};
	}
	const labels = fieldOf(fieldOf(parsed, 'config'), 'Labels');
	const entries = typeof labels === 'object' && labels !== null ? Object.entries(labels) : [];
	return firstOf(entries.filter((entry): entry is [string, string] => typeof entry[1] === 'string'));
}

/** As many of them as may be kept; what is beyond is left out. */
function firstOf(entries: readonly (readonly [name: string, value: string])[]): Labels {
	let bytes = 0;
	const beyond = entries.findIndex(([name, value]) => {
		bytes += Buffer.byteLength(name) + Buffer.byteLength(value);
		return bytes > mostLabelBytes;
	});
	return Object.fromEntries(beyond < 0 ? entries : entries.slice(0, beyond));
}

function fieldOf(value: unknown, name: string): unknown {
	return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}
