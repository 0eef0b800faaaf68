import type {ItemVersion} from '../../metadata/item-records.ts';
import type {Digest} from '../../oci/digest.ts';
import {findImageName} from '../../oci/image-name.ts';
import {RegistryError} from '../../oci/registry-error.ts';
import {type ImageReference, ImagePromotion, type ImagePromotionParts} from '../promotion/image-promotion.ts';
import {type ItemAsking, demandItem} from './item-asking.ts';
import {findNamedDigest, join, readFile, readVersion, split} from './item-path.ts';
import type {Item} from './item.ts';
import {ItemTree} from './item-tree.ts';

/** A path of a repository. */
export interface ItemAddress {
	/** Key of the repository. */
	readonly repository: string;
	readonly path: string;
}

export interface TransferOptions extends ItemAsking {
	/** Whether the source keeps what it has; otherwise it is moved. */
	readonly copy: boolean;
	/** Finds out whether it could be done, and changes nothing. */
	readonly dryRun: boolean;
}

export interface Transferred {
	readonly tags: number;
	readonly manifests: number;
}

interface Step {
	readonly from: ImageReference;
	readonly to: ImageReference;
}

/**
 * Copies or moves a tag, an image or a folder of images, as promotions: each by itself happens or does not, signatures and
 * layers go along, and properties too.
 */
export class ItemTransfer {
	readonly #parts: ImagePromotionParts;
	readonly #promotion: ImagePromotion;

	constructor(parts: ImagePromotionParts) {
		this.#parts = parts;
		this.#promotion = new ImagePromotion(parts);
	}

	/**
	 * What is at the path `from` is then at the path `to`; where that is empty, at the same path. A config or a layer goes
	 * along with its manifest, before or after: alone it goes nowhere. Rejects with `NAME_UNKNOWN` when nothing is there, and
	 * with `UNSUPPORTED` (400) for what cannot be at a path like that.
	 */
	async transfer(from: ItemAddress, to: ItemAddress, options: TransferOptions): Promise<Transferred> {
		const {caller, demand, copy, dryRun, signal} = options;
		const target = {...to, path: to.path === '' ? from.path : to.path};
		const steps = await this.#findSteps(from, target, options);
		const done = {tags: 0, manifests: 0};
		for (const step of steps) {
			const promoting = {by: caller.name, demand, copy, signal};
			if (dryRun) {
				await this.#promotion.check(step.from, step.to, promoting);
			} else {
				const {tags, manifests} = await this.#promotion.promote(step.from, step.to, promoting);
				done.tags += tags.length;
				done.manifests += manifests.length;
			}
		}
		return done;
	}

	async #findSteps(from: ItemAddress, to: ItemAddress, asking: TransferOptions): Promise<readonly Step[]> {
		const tree = await ItemTree.open(this.#parts, from.repository, asking.caller);
		const item = await tree.find(from.path);
		const content = item === undefined || isContent(item) ? findContent(from, to) : undefined;
		if (content !== undefined && (await this.#goesAlong(item, content, asking))) {
			return [];
		}
		if (item === undefined) {
			demandItem(asking, 'read', from.repository, from.path);
			throw new RegistryError('NAME_UNKNOWN', `there is no ${from.path} in "${from.repository}"`);
		}
		const steps: Step[] = item.version === undefined ? [] : [versionStep(item, item.version, to)];
		for await (const image of item.kind === 'folder' ? tree.images(item.source, from.path) : []) {
			const below = image.slice(from.path.length).replace(/^\//, '');
			const name = findImageName(join(to.path, below));
			if (name === undefined) {
				throw refuse(`there can be no image ${join(to.path, below)}`);
			}
			steps.push({from: {repository: item.source.key, image}, to: {repository: to.repository, image: name}});
		}
		return steps;
	}

	/** Whether it goes with its manifest, which has yet to go or has gone already; clients name each file of a tag. */
	async #goesAlong(item: Item | undefined, {digest, ...step}: ContentStep, asking: TransferOptions): Promise<boolean> {
		const {caller, demand, copy, signal} = asking;
		const {target} = await this.#promotion.findEnds(step.from, step.to, {by: caller.name, demand, copy, signal});
		if (item !== undefined || !caller.may('read', target.key, step.to.image)) {
			return item !== undefined;
		}
		const {items} = this.#parts.metadata;
		const place = {repository: target.id, image: step.to.image};
		const version = step.to.tag && (await items.findVersion(place, {tag: step.to.tag}));
		const contents = version && (await items.listContents(place, [version.digest])).get(version.digest);
		return contents?.some(content => content.digest === digest) ?? false;
	}
}

interface ContentStep extends Step {
	readonly digest: Digest;
}

function isContent(item: Item): boolean {
	return item.kind === 'file' && item.content !== 'manifest';
}

/** What the paths mean, if they are those of a config or a layer in the folders of two tags. */
function findContent(from: ItemAddress, to: ItemAddress): ContentStep | undefined {
	const [source, target] = [readFile(from.path), readFile(to.path)];
	const digest = source && findNamedDigest(source.file);
	if (digest === undefined || target === undefined || source?.file !== target.file) {
		return undefined;
	}
	const [sourceTag, targetTag] = [source.reference.tag, target.reference.tag];
	return sourceTag === undefined || targetTag === undefined
		? undefined
		: {
				digest,
				from: {repository: from.repository, image: source.image, tag: sourceTag},
				to: {repository: to.repository, image: target.image, tag: targetTag},
			};
}

function versionStep(item: Item, {image, tag}: ItemVersion, to: ItemAddress): Step {
	if (isContent(item)) {
		throw refuse(`layers and configs go along with the manifest: name the folder of ${item.path}`);
	}
	if (tag === undefined) {
		throw refuse(`${item.path} has no tag: name a tag, or the image`);
	}
	const [folder, file] = split(to.path);
	const target = readVersion(item.kind === 'file' && file === split(item.path)[1] ? folder : to.path);
	if (target?.reference.tag === undefined) {
		throw refuse(`a tag is at <image>/<tag>, which ${to.path} is not`);
	}
	return {
		from: {repository: item.source.key, image, tag},
		to: {repository: to.repository, image: target.image, tag: target.reference.tag},
	};
}

function refuse(message: string): RegistryError {
	return new RegistryError('UNSUPPORTED', message, {status: 400});
}
