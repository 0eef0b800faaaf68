import {setImmediate} from 'node:timers/promises';
import type {Action} from '../../access/action.ts';
import type {Caller} from '../../access/caller.ts';
import type {ItemVersion} from '../../metadata/item-records.ts';
import type {Digest} from '../../oci/digest.ts';
import {type ImageName, findImageName} from '../../oci/image-name.ts';
import type {FileItem, FolderItem, Item} from './item.ts';
import {filesOf, versionFolder} from './item-files.ts';
import {type FileReading, findNamedDigest, readFile, readVersion} from './item-path.ts';
import {type ItemSource, type ItemSourceParts, findItemSources} from './item-source.ts';

const pageSize = 500;
const versionsAtATime = 100;

export interface ItemTreeOptions {
	/** What the caller must be allowed to do with an image to see it; `read` unless told. */
	readonly action?: Action;
}

export interface WalkOptions {
	/** How many steps below; without it all of them. */
	readonly depth?: number;
}

/**
 * The files and folders of a repository as its rows say: `<image>/<tag>/manifest.json`, or `list.manifest.json` for an
 * index, with config and layers as `sha256__<hex>` beside it; manifests without a tag, and entries of an index, in
 * `<image>/sha256:<hex>`. Images to which the caller may not do what is asked are not there. Of a repository made of others
 * it shows what they have.
 */
export class ItemTree {
	readonly sources: readonly ItemSource[];
	readonly #parts: ItemSourceParts;
	readonly #action: Action;

	private constructor(parts: ItemSourceParts, sources: readonly ItemSource[], {action = 'read'}: ItemTreeOptions) {
		this.#parts = parts;
		this.#action = action;
		this.sources = sources;
	}

	/** Rejects with `NAME_UNKNOWN` when there is no such repository. */
	static async open(
		parts: ItemSourceParts,
		key: string,
		caller: Caller,
		options: ItemTreeOptions = {},
	): Promise<ItemTree> {
		return new ItemTree(parts, await findItemSources(parts, key, caller), options);
	}

	/** What has that path; of several repositories, in the first that has it. */
	async find(path: string): Promise<Item | undefined> {
		for (const source of this.sources) {
			const item = (await this.#findFile(source, path)) ?? (await this.#findFolder(source, path));
			if (item !== undefined) {
				return item;
			}
		}
		return undefined;
	}

	/** Everything below the path, folders before what is in them. A path that is in several repositories comes once. */
	async *walk(path: string, {depth = Infinity}: WalkOptions = {}): AsyncGenerator<Item, void> {
		const seen = new Set<string>();
		for (const source of this.sources) {
			for await (const item of this.#walkSource(source, path, depth)) {
				if (!seen.has(item.path)) {
					yield item;
					if (item.kind === 'folder' || this.sources.length > 1) {
						seen.add(item.path);
					}
				}
			}
		}
	}

	/** Everything whose path begins with these characters, which need not end a step of it. */
	async *startingWith(prefix: string): AsyncGenerator<Item, void> {
		const seen = new Set<string>();
		for (const source of this.sources) {
			for await (const item of this.#startingWith(source, prefix)) {
				if (item.path.startsWith(prefix) && !seen.has(item.path)) {
					yield item;
					if (item.kind === 'folder' || this.sources.length > 1) {
						seen.add(item.path);
					}
				}
			}
		}
	}

	/** Images at or below the path. */
	async *images(source: ItemSource, path: string): AsyncGenerator<ImageName, void> {
		const image = findImageName(path);
		if (image !== undefined && (await this.#hasImage(source, image))) {
			yield image;
		}
		yield* this.#imagesBelow(source, path);
	}

	async #findFile(source: ItemSource, path: string): Promise<FileItem | undefined> {
		const reading = readFile(path);
		if (reading === undefined || !source.may(this.#action, reading.image)) {
			return undefined;
		}
		const version = await this.#findVersion(source, reading);
		const files = version && (await this.#files(source, [version]));
		const digest = findNamedDigest(reading.file);
		return files?.find(file =>
			digest === undefined
				? file.path.endsWith(`/${reading.file}`)
				: file.digest === digest && (file.content === 'config' || file.content === 'layer'),
		);
	}

	async #findFolder(source: ItemSource, path: string): Promise<FolderItem | undefined> {
		const reading = readVersion(path);
		const version =
			reading !== undefined && source.may(this.#action, reading.image)
				? await this.#findVersion(source, reading)
				: undefined;
		const name = findImageName(path);
		const image = name !== undefined && (await this.#hasImage(source, name)) ? name : undefined;
		if (version !== undefined) {
			return {...versionFolder(source, version), image};
		}
		const place = {path, image};
		if (image !== undefined || path === '' || (await this.#hasBelow(source, path))) {
			return {kind: 'folder', source, path, place, image};
		}
		return undefined;
	}

	async *#walkSource(source: ItemSource, path: string, depth: number): AsyncGenerator<Item, void> {
		const reading = readVersion(path);
		if (reading !== undefined && source.may(this.#action, reading.image)) {
			const version = await this.#findVersion(source, reading);
			yield* version === undefined ? [] : await this.#files(source, [version]);
		}
		for await (const image of this.images(source, path)) {
			const length = path === '' ? 0 : path.length + 1;
			const steps = image.length < length ? 0 : image.slice(length).split('/').length;
			for (const folder of foldersOf(source, image, length).slice(0, depth)) {
				yield folder;
			}
			if (steps < depth) {
				yield* this.#walkImage(source, image, depth - steps);
			}
		}
	}

	async *#startingWith(source: ItemSource, prefix: string): AsyncGenerator<Item, void> {
		const steps = prefix.split('/');
		for (let length = 1; length <= steps.length; length++) {
			const image = findImageName(steps.slice(0, length).join('/'));
			if (image !== undefined && source.may(this.#action, image)) {
				yield* this.#versionsStartingWith(source, image, steps.slice(length));
			}
		}
		for await (const image of this.#imagesWith(source, prefix)) {
			yield* foldersOf(source, image, 0);
			yield* this.#walkImage(source, image, Infinity);
		}
	}

	/** `rest` is what of the prefix comes after the image's name: nothing, the beginning of a version, or one and more. */
	async *#versionsStartingWith(
		source: ItemSource,
		image: ImageName,
		[version, ...file]: readonly string[],
	): AsyncGenerator<Item, void> {
		if (version === undefined || (version === '' && file.length === 0)) {
			yield* (await this.#hasImage(source, image)) ? foldersOf(source, image, 0) : [];
			yield* this.#walkImage(source, image, Infinity);
			return;
		}
		const reading = readVersion(`${image}/${version}`);
		const exact = reading && (await this.#findVersion(source, reading));
		if (exact !== undefined) {
			yield versionFolder(source, exact);
			yield* await this.#files(source, [exact]);
		}
		if (file.length === 0) {
			yield* this.#walkImage(source, image, Infinity, version);
		}
	}

	async *#walkImage(source: ItemSource, image: ImageName, depth: number, beginning = ''): AsyncGenerator<Item, void> {
		for (const kind of ['tags', 'digests'] as const) {
			const from = kind === 'tags' ? beginning : beginning.replace('__', ':');
			for (let after: string | undefined = from; ;) {
				const place = {repository: source.definition.id, image};
				const versions = await this.#parts.metadata.items.listVersions(place, {kind, after, limit: versionsAtATime});
				const files = depth > 1 ? await this.#files(source, versions) : [];
				const byVersion = Map.groupBy(files, file => file.version);
				for (const version of versions) {
					yield versionFolder(source, version);
					yield* byVersion.get(version) ?? [];
				}
				// Others come in between, however much there is to walk through.
				await setImmediate();
				const last = versions.at(-1);
				after = last?.tag ?? last?.digest;
				if (after === undefined || versions.length < versionsAtATime || !after.startsWith(from)) {
					break;
				}
			}
		}
	}

	/** Of versions of one image. */
	async #files(source: ItemSource, versions: readonly ItemVersion[]): Promise<readonly FileItem[]> {
		const [first] = versions;
		if (first === undefined) {
			return [];
		}
		const place = {repository: source.definition.id, image: first.image};
		const digests = [...new Set<Digest>(versions.map(({digest}) => digest))];
		const contents = await this.#parts.metadata.items.listContents(place, digests);
		return versions.flatMap(version => filesOf(source, version, contents.get(version.digest) ?? []));
	}

	#findVersion(source: ItemSource, {image, reference}: Pick<FileReading, 'image' | 'reference'>) {
		return this.#parts.metadata.items.findVersion({repository: source.definition.id, image}, reference);
	}

	async #hasImage(source: ItemSource, image: ImageName): Promise<boolean> {
		const place = {repository: source.definition.id, image};
		return source.may(this.#action, image) && (await this.#parts.metadata.items.hasImage(place));
	}

	async #hasBelow(source: ItemSource, path: string): Promise<boolean> {
		const images = this.#imagesBelow(source, path);
		const {done} = await images.next();
		await images.return();
		return done !== true;
	}

	#imagesBelow(source: ItemSource, path: string): AsyncGenerator<ImageName, void> {
		return this.#imagesWith(source, path === '' ? '' : `${path}/`);
	}

	/** Images whose names begin with the prefix and go on. */
	async *#imagesWith(source: ItemSource, prefix: string): AsyncGenerator<ImageName, void> {
		for (let after: ImageName | undefined; ;) {
			const request = {prefix, after, limit: pageSize};
			const images = await this.#parts.metadata.items.listImages(source.definition.id, request);
			for (const image of images) {
				if (source.may(this.#action, image)) {
					yield image;
				}
			}
			after = images.at(-1);
			if (images.length < pageSize) {
				break;
			}
			await setImmediate();
		}
	}
}

/** The image and all that its name begins with, as far as that is longer than the first `length` characters. */
function foldersOf(source: ItemSource, image: ImageName, length: number): readonly FolderItem[] {
	const steps = image.split('/');
	const paths = steps.map((_step, index) => steps.slice(0, index + 1).join('/')).filter(path => path.length > length);
	return paths.map(path => {
		const place = path === image ? {path, image} : {path};
		return {kind: 'folder', source, path, place, image: place.image};
	});
}
