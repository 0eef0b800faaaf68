import type {V1Tag} from '../../metadata/v1-records.ts';
import {type Digest, digestOf} from '../../oci/digest.ts';
import {type ImageName, findImageName} from '../../oci/image-name.ts';
import {findTagName} from '../../oci/tag-name.ts';
import {type V1ImageId, findV1ImageId} from '../../oci/v1-image-id.ts';
import type {V1Images, V1Options} from './v1-images.ts';

const atATime = 500;

interface CommonV1Item {
	/** Within the repository. */
	readonly path: string;
	/** What it says of itself, in the words of Artifactory. */
	readonly properties: ReadonlyMap<string, string>;
	/** Undefined for what is only the beginning of names. */
	readonly changed?: {readonly at: Date; readonly by: string};
}

export interface V1FileItem extends CommonV1Item {
	readonly kind: 'file';
	readonly mimeType: string;
	/** Bytes. */
	readonly size: number;
	readonly digest: Digest;
}

export type V1Item = V1FileItem | (CommonV1Item & {readonly kind: 'folder'});

/**
 * What a repository of the first API holds, seen as files and folders: `.images/<id>/json` and `.images/<id>/layer`, and
 * each tag as the file `repositories/<name>/<tag>`, whose content is the id. What the caller may not read is not there.
 */
export class V1ItemTree {
	readonly #images: V1Images;
	readonly #options: V1Options;

	constructor(images: V1Images, options: V1Options) {
		this.#images = images;
		this.#options = options;
	}

	async find(path: string): Promise<V1Item | undefined> {
		const [root, id, file, ...more] = path.split('/');
		if (path === '' || path === '.images' || path === 'repositories') {
			return folderOf(path);
		}
		if (root === '.images') {
			const found = await this.#ofImage(findV1ImageId(id));
			return more.length > 0 ? undefined : found.find(item => item.path === [root, id, file].filter(Boolean).join('/'));
		}
		return root === 'repositories' ? this.#findNamed(path.slice('repositories/'.length)) : undefined;
	}

	/** All that is in a folder, or below it in `depth` steps; folders before what is in them. */
	async *walk(path: string, depth = 1): AsyncGenerator<V1Item, void> {
		for await (const item of this.#childrenOf(path)) {
			yield item;
			if (item.kind === 'folder' && depth > 1) {
				yield* this.walk(item.path, depth - 1);
			}
		}
	}

	async *#childrenOf(path: string): AsyncGenerator<V1Item, void> {
		const [root, id] = path.split('/');
		if (path === '') {
			yield folderOf('.images');
			yield folderOf('repositories');
		} else if (path === '.images') {
			for (const one of await this.#listIds()) {
				yield* (await this.#ofImage(one)).slice(0, 1);
			}
		} else if (root === '.images') {
			yield* (await this.#ofImage(findV1ImageId(id))).slice(1);
		} else {
			yield* this.#namedIn(path.slice('repositories/'.length));
		}
	}

	/** Its folder, and what is in that. Empty for one that is not there. */
	async #ofImage(id: V1ImageId | undefined): Promise<readonly V1Item[]> {
		const image = id && (await this.#images.findImage(id, this.#options));
		if (image === undefined) {
			return [];
		}
		const {json, layer, pushedAt: at, pushedBy: by} = image;
		const path = `.images/${image.id}`;
		const properties = new Map([
			['docker.imageId', image.id as string],
			['docker.size', String(layer.size)],
		]);
		const common = {properties, changed: {at, by}};
		const mimeType = 'application/octet-stream';
		return [
			{...common, kind: 'folder', path},
			{
				...common,
				kind: 'file',
				path: `${path}/json`,
				mimeType: 'application/json',
				size: json.length,
				digest: digestOf(json),
			},
			{...common, kind: 'file', path: `${path}/layer`, mimeType, ...layer},
		];
	}

	async #listIds(): Promise<readonly V1ImageId[]> {
		const ids = new Set<V1ImageId>();
		for await (const name of this.#names('')) {
			let after: string | undefined;
			do {
				const page = await this.#images.listImages(name, {limit: atATime, after});
				for (const {id} of page.items) {
					ids.add(id);
				}
				after = page.next;
			} while (after !== undefined);
		}
		return [...ids].toSorted();
	}

	/** A tag, or a folder that a name begins with. */
	async #findNamed(path: string): Promise<V1Item | undefined> {
		const slash = path.lastIndexOf('/');
		const [name, tagName] = [findImageName(path.slice(0, Math.max(slash, 0))), findTagName(path.slice(slash + 1))];
		if (name !== undefined && tagName !== undefined && (await this.#mayRead(name))) {
			const tag = await this.#images.findTag(name, tagName);
			if (tag !== undefined) {
				return tagOf(name, tag);
			}
		}
		for await (const one of this.#names(path)) {
			if (one === path || one.startsWith(`${path}/`)) {
				return folderOf(`repositories/${path}`);
			}
		}
		return undefined;
	}

	async *#namedIn(path: string): AsyncGenerator<V1Item, void> {
		const name = findImageName(path);
		if (name !== undefined && (await this.#mayRead(name))) {
			let after: string | undefined;
			do {
				const page = await this.#images.listTags(name, {limit: atATime, after});
				yield* (page?.items ?? []).map(tag => tagOf(name, tag));
				after = page?.next;
			} while (after !== undefined);
		}
		const prefix = path === '' ? '' : `${path}/`;
		const seen = new Set<string>();
		for await (const one of this.#names(prefix)) {
			const step = one.slice(prefix.length).split('/', 1)[0] ?? '';
			if (!seen.has(step)) {
				seen.add(step);
				yield folderOf(`repositories/${prefix}${step}`);
			}
		}
	}

	/** Those that begin with the prefix and that the caller may read. */
	async *#names(prefix: string): AsyncGenerator<ImageName, void> {
		let after = prefix === '' ? undefined : prefix.slice(0, -1);
		do {
			const page = await this.#images.listNames({limit: atATime, after}, this.#options);
			yield* page.items.filter(name => name.startsWith(prefix));
			const last = page.items.at(-1);
			after = last === undefined || (!last.startsWith(prefix) && last > prefix) ? undefined : page.next;
		} while (after !== undefined);
	}

	async #mayRead(name: ImageName): Promise<boolean> {
		for await (const one of this.#names(name)) {
			if (one === name) {
				return true;
			}
		}
		return false;
	}
}

function folderOf(path: string): V1Item {
	return {kind: 'folder', path, properties: new Map()};
}

function tagOf(name: ImageName, {tag, id, taggedAt, taggedBy}: V1Tag): V1FileItem {
	const content = Buffer.from(JSON.stringify(id));
	return {
		kind: 'file',
		path: `repositories/${name}/${tag}`,
		mimeType: 'application/json',
		size: content.length,
		digest: digestOf(content),
		properties: new Map<string, string>([
			['docker.tag.content', id],
			['docker.tag.name', tag],
		]),
		changed: {at: taggedAt, by: taggedBy},
	};
}
