import {type Digest, digestAlgorithm, digestHex, findDigest} from '../../oci/digest.ts';
import {type ImageName, findImageName} from '../../oci/image-name.ts';
import {findManifestKind} from '../../oci/media-types.ts';
import type {Reference} from '../../oci/reference.ts';
import {findTagName} from '../../oci/tag-name.ts';

/** What a path may mean: a folder that a tag or a digest names, or a file in it. Whether it is there is another question. */
export interface VersionReading {
	readonly image: ImageName;
	readonly reference: Reference;
}

export interface FileReading extends VersionReading {
	readonly file: string;
}

const longest = 544;

/**
 * The path of an item within its repository, without slashes at the ends; empty for the repository itself. Undefined for
 * what no item is called.
 */
export function findItemPath(text: string): string | undefined {
	const path = text.replace(/^\/+/, '').replace(/\/+$/, '');
	const odd = path.split('/').some(segment => segment === '' || segment === '.' || segment === '..');
	return path.length <= longest && (path === '' || !odd) && !/\p{Cc}/u.test(path) ? path : undefined;
}

/** The path as a file of an image's version: `<image>/<tag or digest>/<file>`. */
export function readFile(path: string): FileReading | undefined {
	const [folder, file] = split(path);
	const version = folder === '' ? undefined : readVersion(folder);
	return version && {...version, file};
}

/** The path as a version of an image: `<image>/<tag>`, `<image>/sha256:<hex>` or `<image>/sha256__<hex>`. */
export function readVersion(path: string): VersionReading | undefined {
	const [folder, name] = split(path);
	const image = findImageName(folder);
	const digest = findNamedDigest(name);
	if (image === undefined) {
		return undefined;
	}
	if (digest !== undefined) {
		return {image, reference: {digest}};
	}
	const tag = findTagName(name);
	return tag && {image, reference: {tag}};
}

/** Every image that the path may be of, or of something in it; the longest name first. What is called as files are is one. */
export function findImages(path: string): readonly ImageName[] {
	const file = readFile(path);
	if (file !== undefined && isFileName(file.file)) {
		return [file.image];
	}
	const names = [path, readVersion(path)?.image, file?.image];
	return names.flatMap(name => (name === undefined ? [] : (findImageName(name) ?? [])));
}

function isFileName(name: string): boolean {
	return name === 'manifest.json' || name === 'list.manifest.json' || findNamedDigest(name) !== undefined;
}

/** `sha256:<hex>` as names of files have it, too: `sha256__<hex>`. */
export function findNamedDigest(name: string): Digest | undefined {
	return findDigest(name.replace(/^(sha\d+)__/, '$1:'));
}

/** As the names of files have it. */
export function fileNameOf(digest: Digest): string {
	return `${digestAlgorithm(digest)}__${digestHex(digest)}`;
}

/** What the file of a manifest of that type is called. */
export function manifestFileOf(mediaType: string): 'manifest.json' | 'list.manifest.json' {
	return findManifestKind(mediaType) === 'index' ? 'list.manifest.json' : 'manifest.json';
}

/** Folder and name; the folder is empty for what is in none. */
export function split(path: string): readonly [folder: string, name: string] {
	const slash = path.lastIndexOf('/');
	return slash < 0 ? ['', path] : [path.slice(0, slash), path.slice(slash + 1)];
}

/** One path below another, either of which may be empty. */
export function join(folder: string, name: string): string {
	return folder === '' || name === '' ? folder + name : `${folder}/${name}`;
}
