import type {EventBus} from '../../events/event-bus.ts';
import type {ItemVersion} from '../../metadata/item-records.ts';
import type {Removal, RemovalRequest} from '../../metadata/removal-records.ts';
import type {ImageName} from '../../oci/image-name.ts';
import {RegistryError} from '../../oci/registry-error.ts';
import {ImageRemoval, type RemovalPlace} from '../removal/image-removal.ts';
import type {Repository} from '../repository.ts';
import {demandMutable} from '../rules/refusals.ts';
import {type ItemAsking, demandItem, everything} from './item-asking.ts';
import {findNamedDigest, readFile} from './item-path.ts';
import type {Item} from './item.ts';
import type {ItemSource, ItemSourceParts} from './item-source.ts';
import {ItemTree} from './item-tree.ts';

export interface ItemRemovalParts extends ItemSourceParts {
	readonly events: EventBus;
}

/** One image, or something of it. */
interface Step {
	readonly image: ImageName;
	/** Undefined for all of it. */
	readonly request?: RemovalRequest;
}

/**
 * Deletes tags, manifests, images and whole folders of them, with all that only they needed. Blobs go by themselves when no
 * manifest needs them any more.
 */
export class ItemRemoval {
	readonly #parts: ItemRemovalParts;
	readonly #removal: ImageRemoval;

	constructor(parts: ItemRemovalParts) {
		this.#parts = parts;
		this.#removal = new ImageRemoval(parts);
	}

	/**
	 * All that is at the path or below it: of each image all or nothing. A config or a layer goes with its manifest, before
	 * or after: alone it stays. Rejects with `NAME_UNKNOWN` when nothing is there, with `DENIED` before anything is deleted
	 * when the caller may not delete all of it, when a tag is immutable, or when an index needs the manifest, and with
	 * `UNSUPPORTED` (400) for a repository that does not have things itself.
	 */
	async remove(key: string, path: string, asking: ItemAsking): Promise<void> {
		const repository = await this.#parts.repositories.get(key);
		const refusal = repository === undefined ? unknown(key, path) : findRefusal(repository);
		if (repository === undefined || refusal !== undefined) {
			demandItem(asking, 'delete', key, path);
			throw refusal;
		}
		const tree = await ItemTree.open(this.#parts, key, everything(asking.caller), {action: 'delete'});
		const item = await tree.find(path);
		const source = item?.source;
		const images = item === undefined ? [] : await findWhole(tree, item);
		if (item === undefined || source === undefined || (item.version === undefined && images.length === 0)) {
			demandItem(asking, 'delete', key, path);
			if (await this.#wasContent(tree, path)) {
				return;
			}
			throw unknown(key, path);
		}
		for (const image of item.version === undefined ? images : [item.version.image, ...images]) {
			asking.demand('delete', key, image);
		}
		const steps: readonly Step[] = [
			...(item.version === undefined ? [] : [stepOf(item.version)]),
			...images.map(image => ({image})),
		];
		await this.#checkRules(repository, source, steps);
		for (const step of isContent(item) ? [] : steps) {
			asking.signal?.throwIfAborted();
			const removal = await this.#remove(source, step, asking);
			if (step.request !== undefined && removal.tags.length + removal.manifests.length === 0) {
				throw new RegistryError('DENIED', `something else needs ${path}: a tag, an index or a subject`, {status: 409});
			}
		}
	}

	/** Whether it is the file of a config or a layer whose manifest has gone, which clients delete after that. */
	async #wasContent({sources}: ItemTree, path: string): Promise<boolean> {
		const reading = readFile(path);
		const digest = reading && findNamedDigest(reading.file);
		const [source] = sources;
		if (reading === undefined || digest === undefined || source === undefined) {
			return false;
		}
		const records = this.#parts.metadata.repository(source.definition.id);
		return (await records.findBlob(reading.image, digest)) !== undefined;
	}

	async #checkRules({rules}: Repository, source: ItemSource, steps: readonly Step[]): Promise<void> {
		if (rules?.writes.immutableBy === undefined) {
			return;
		}
		for (const {image, request} of steps) {
			const place: RemovalPlace = {repository: source.definition, image};
			const plan =
				request === undefined
					? await this.#removal.removeImage(place, {by: '', dryRun: true})
					: await this.#removal.remove(place, request, {by: '', dryRun: true});
			demandMutable(
				rules,
				plan.tags.map(({tag}) => tag),
			);
		}
	}

	#remove(source: ItemSource, {image, request}: Step, {caller, signal}: ItemAsking): Promise<Removal> {
		const place: RemovalPlace = {repository: {id: source.definition.id, key: source.key}, image};
		return request === undefined
			? this.#removal.removeImage(place, {by: caller.name, signal})
			: this.#removal.remove(place, request, {by: caller.name});
	}
}

/** Images that go as a whole. */
async function findWhole(tree: ItemTree, {kind, source, path}: Item): Promise<readonly ImageName[]> {
	const images: ImageName[] = [];
	if (kind === 'folder') {
		for await (const image of tree.images(source, path)) {
			images.push(image);
		}
	}
	return images;
}

function isContent(item: Item): boolean {
	return item.kind === 'file' && item.content !== 'manifest';
}

function stepOf({image, tag, digest}: ItemVersion): Step {
	return {image, request: tag === undefined ? {unneeded: [digest]} : {tags: [{tag, digest}]}};
}

function findRefusal({key, members, fetches, readOnlyBecause}: Repository): RegistryError | undefined {
	if (members === undefined && fetches !== true) {
		return undefined;
	}
	const made = `"${key}" is made of other repositories: delete from the one that has it`;
	const message = members === undefined ? (readOnlyBecause ?? `nothing can be deleted from "${key}"`) : made;
	return new RegistryError('UNSUPPORTED', message, {status: 400});
}

function unknown(key: string, path: string): RegistryError {
	return new RegistryError('NAME_UNKNOWN', `there is no ${path} in "${key}"`);
}
