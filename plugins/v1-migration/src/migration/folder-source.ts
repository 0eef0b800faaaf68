import {type V1ImageId, DigestBuilder} from '@stowage/core';
import {Readable} from 'node:stream';
import {ConversionError} from './conversion-error.ts';
import {parseV1Value} from './parse-v1-document.ts';
import {type FolderFile, RegistryFolder} from './registry-folder.ts';
import {isV1ImageId} from './v1-image-json.ts';
import type {V1SourceLayer, V1Source, V1StoredImage} from './v1-source.ts';

const tagPrefix = 'tag_';

/**
 * The folder in which the first docker-registry kept what was pushed to it: `repositories/<namespace>/<name>/tag_<tag>`
 * and `images/<id>/{json,ancestry,layer,_checksum}`. Links in it are not followed.
 */
export class FolderSource implements V1Source {
	readonly name: string;
	readonly #folder: RegistryFolder;

	private constructor(folder: RegistryFolder) {
		this.name = folder.path;
		this.#folder = folder;
	}

	/** Rejects when it is no folder, or not such a one. */
	static async open(path: string): Promise<FolderSource> {
		const folder = await RegistryFolder.open(path);
		if ((await folder.list('images')).length === 0 && (await folder.list('repositories')).length === 0) {
			throw new Error(`${path} has neither images nor repositories as a V1 registry keeps them`);
		}
		return new FolderSource(folder);
	}

	/** Folders, and links in their place, which are refused when they are asked for. */
	async *listImages(): AsyncGenerator<string> {
		for (const namespace of await this.#folder.list('repositories')) {
			if (namespace.isSymbolicLink()) {
				yield namespace.name;
			} else if (namespace.isDirectory()) {
				for (const name of await this.#folder.list('repositories', namespace.name)) {
					if (!name.isFile()) {
						yield `${namespace.name}/${name.name}`;
					}
				}
			}
		}
	}

	async *listTags(image: string): AsyncGenerator<string> {
		for (const {name} of await this.#folder.list('repositories', ...segmentsOf(image))) {
			if (name.startsWith(tagPrefix)) {
				yield name.slice(tagPrefix.length);
			}
		}
	}

	async findTag(image: string, tag: string): Promise<V1ImageId | undefined> {
		if (tag.includes('/')) {
			return undefined;
		}
		const content = await this.#folder.readSmall('repositories', ...segmentsOf(image), tagPrefix + tag);
		const id = content?.toString().trim();
		if (id !== undefined && !isV1ImageId(id)) {
			throw new ConversionError('ancestry', `the tag ${tag} names no image`);
		}
		return id;
	}

	async findImage(id: V1ImageId): Promise<V1StoredImage | undefined> {
		if ((await this.#folder.findFile('images', id, '_inprogress')) !== undefined) {
			throw new ConversionError('ancestry', `${id.slice(0, 12)} was never pushed to its end`);
		}
		const json = await this.#folder.readSmall('images', id, 'json');
		if (json === undefined) {
			return undefined;
		}
		return {json, ancestry: parseAncestry(await this.#folder.readSmall('images', id, 'ancestry'), id)};
	}

	async findLayer(id: V1ImageId): Promise<V1SourceLayer | undefined> {
		const file = await this.#folder.findFile('images', id, 'layer');
		if (file === undefined) {
			return undefined;
		}
		const {size, modifiedAt} = file;
		return {
			// A file that was written since is another one.
			key: `file ${id} ${size} ${modifiedAt.getTime()}`,
			size,
			open: async () => {
				const sums = await this.#readChecksums(id);
				const json = sums.length > 0 ? await this.#folder.readSmall('images', id, 'json') : undefined;
				return json === undefined ? file.open() : Readable.from(checked(file, json, sums), {objectMode: false});
			},
		};
	}

	/** Those of the kind that can be checked; of tarsums there are others. */
	async #readChecksums(id: V1ImageId): Promise<readonly string[]> {
		const content = (await this.#folder.readSmall('images', id, '_checksum'))?.toString().trim() ?? '';
		return content.match(/(?<![\w+])sha256:[a-f0-9]{64}(?![\w])/g) ?? [];
	}
}

function segmentsOf(image: string): readonly string[] {
	const segments = image.split('/');
	if (segments.length > 2 || segments.some(segment => ['', '.', '..'].includes(segment) || segment.includes('\0'))) {
		throw new ConversionError('name', `${JSON.stringify(image)} is no name of an image`);
	}
	return segments;
}

function parseAncestry(content: Buffer | undefined, id: V1ImageId): readonly V1ImageId[] | undefined {
	if (content === undefined) {
		return undefined;
	}
	const fail = (what: string, cause?: unknown) =>
		new ConversionError('ancestry', `the ancestry of ${id.slice(0, 12)} ${what}`, {cause});
	const list = parseV1Value(content, fail);
	if (!Array.isArray(list) || !list.every(isV1ImageId)) {
		throw fail('is no list of images');
	}
	return list;
}

/** The sum of the JSON, a line feed and the layer (docker-registry, `X-Docker-Checksum-Payload`). */
async function* checked(file: FolderFile, json: Buffer, sums: readonly string[]): AsyncGenerator<Buffer> {
	const hash = new DigestBuilder();
	hash.update(json);
	hash.update(Buffer.from('\n'));
	for await (const piece of (await file.open()) as AsyncIterable<Buffer>) {
		hash.update(piece);
		yield piece;
	}
	if (!sums.includes(hash.digest())) {
		throw new ConversionError('layer', 'the layer is not the one that was pushed: its checksum is another');
	}
}
