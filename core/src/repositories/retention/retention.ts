import {Pace} from '../../blobs/pace.ts';
import type {MetadataStore} from '../../metadata/metadata-store.ts';
import type {Removal} from '../../metadata/removal-records.ts';
import type {RepositoryDefinition} from '../../metadata/repository-definitions.ts';
import type {RetainedItem} from '../../metadata/retention-records.ts';
import type {ImageName} from '../../oci/image-name.ts';
import type {Storage} from '../../storage/storage.ts';
import type {Abortable} from '../../types/abortable.ts';
import type {Logger} from '../../types/logger.ts';
import {type DefinitionParts, checkOptions} from '../definition-options.ts';
import {ItemLabels} from '../items/item-labels.ts';
import type {ImageRemoval} from '../removal/image-removal.ts';
import {createRules} from '../rules/create-rules.ts';
import {type LeavingItem, allows, chooseLeaving} from './choose-leaving.ts';
import {readRetentionLabels} from './retention-labels.ts';
import type {RetentionRule} from './retention-rule.ts';

export interface RetentionParts extends DefinitionParts {
	readonly metadata: MetadataStore;
	/** By name. */
	readonly storages: ReadonlyMap<string, Storage>;
	readonly removal: ImageRemoval;
	readonly logger: Logger;
	/** Rules for all repositories whose type has policies, besides their own. */
	readonly commonRules: () => Promise<readonly RetentionRule[]>;
	/** How many tags and manifests are removed in a second at most, besides what only they need. No limit unless told. */
	readonly removalsPerSecond?: number;
}

export interface RetentionPlace {
	readonly repository: string;
	readonly image: ImageName;
}

/** What a policy takes from an image. */
export interface RetainedImage extends RetentionPlace {
	/** What rules are for. */
	readonly leaving: readonly LeavingItem[];
	/** All that goes with it. */
	readonly removal: Removal;
}

export interface RetentionOptions extends Abortable {
	/** Key of the only repository that is looked at. */
	readonly repository?: string;
	/** Where an earlier run got to: it goes on behind. */
	readonly after?: RetentionPlace;
	/** Tells what would go, and changes nothing. */
	readonly dryRun?: boolean;
	/** Called after every image, whether something went or not. */
	readonly onImage?: (image: RetentionPlace) => Promise<void>;
}

const imagesAtATime = 100;
const itemsAtATime = 1000;
/** Removed in one transaction. */
const removedAtATime = 100;

/** Removes what policies of repositories say, image by image; each time what is there is whole. */
export class Retention {
	readonly #parts: RetentionParts;
	readonly #labels: ItemLabels;
	readonly #pace: Pace | undefined;

	constructor(parts: RetentionParts) {
		this.#parts = parts;
		this.#labels = new ItemLabels(parts);
		this.#pace = parts.removalsPerSecond === undefined ? undefined : new Pace(parts.removalsPerSecond);
	}

	/** Images of which something goes, by repository and name, each as soon as it has gone. */
	async *run(options: RetentionOptions = {}): AsyncGenerator<RetainedImage> {
		const common = await this.#parts.commonRules();
		for (const definition of await this.#parts.metadata.definitions.list()) {
			const {key} = definition;
			const wanted = options.repository === undefined || options.repository === key;
			if (wanted && key >= (options.after?.repository ?? '')) {
				yield* this.#runRepository(definition, common, options);
			}
		}
	}

	async *#runRepository(
		definition: RepositoryDefinition,
		common: readonly RetentionRule[],
		options: RetentionOptions,
	): AsyncGenerator<RetainedImage> {
		const policy = this.#policyOf(definition, common);
		if (policy === undefined || policy.rules.every(({action}) => action === 'keep')) {
			return;
		}
		const records = this.#parts.metadata.repository(definition.id);
		const {key: repository} = definition;
		let after: string | undefined = options.after?.repository === repository ? options.after.image : undefined;
		for (;;) {
			const {items: images} = await records.listImages({after, limit: imagesAtATime});
			for (const image of images) {
				options.signal?.throwIfAborted();
				const retained = await this.#runImage({definition, image, policy}, options);
				if (retained !== undefined) {
					yield retained;
				}
				await options.onImage?.({repository, image});
			}
			after = images.at(-1);
			if (after === undefined) {
				return;
			}
		}
	}

	async #runImage(
		{definition, image, policy}: ImageRequest,
		options: RetentionOptions,
	): Promise<RetainedImage | undefined> {
		const place = {repository: definition.id, image};
		const leaving = await chooseLeaving({
			image,
			rules: policy.rules,
			immutableBy: policy.immutableBy,
			items: await this.#readItems(place, policy.rules),
			now: new Date(),
			labelsOf: digest =>
				readRetentionLabels({metadata: this.#parts.metadata, labels: this.#labels}, place, digest, options),
		});
		if (leaving.length === 0) {
			return undefined;
		}
		const removal = await this.#remove({definition, image, leaving, policy}, options);
		const gone = new Set([...removal.tags.map(({tag}) => tag), ...removal.manifests.map(({digest}) => digest)]);
		const left = leaving.filter(({item}) => gone.has(item.tag ?? item.digest));
		return left.length === 0 ? undefined : {repository: definition.key, image, leaving: left, removal};
	}

	async #remove(
		{definition, image, leaving, policy}: RemoveRequest,
		{dryRun, signal}: RetentionOptions,
	): Promise<Removal> {
		const unlessPulled = policy.rules.some(
			({notPulledForDays, pulledWithinDays}) => notPulledForDays !== undefined || pulledWithinDays !== undefined,
		);
		const parts = dryRun === true ? [leaving] : inParts(leaving);
		const removed = {tags: [] as Removal['tags'][number][], manifests: [] as Removal['manifests'][number][]};
		for (const part of parts) {
			if (dryRun !== true) {
				await this.#pace?.wait(part.length, {signal});
			}
			const request = {retained: {items: part.map(({item}) => item), unlessPulled}};
			const place = {repository: definition, image};
			const removal = await this.#parts.removal.remove(place, request, {by: 'retention', dryRun});
			removed.tags.push(...removal.tags);
			removed.manifests.push(...removal.manifests);
		}
		return removed;
	}

	async #readItems(
		{repository, image}: {readonly repository: number; readonly image: ImageName},
		rules: readonly RetentionRule[],
	): Promise<readonly RetainedItem[]> {
		const records = this.#parts.metadata.repository(repository);
		const items: RetainedItem[] = [];
		for (let after: string | undefined = ''; after !== undefined;) {
			const page: readonly RetainedItem[] = await records.listRetainedTags(image, {after, limit: itemsAtATime});
			items.push(...page);
			after = page.length < itemsAtATime ? undefined : page.at(-1)?.tag;
		}
		if (rules.some(({untagged}) => untagged)) {
			for (let after: string | undefined = ''; after !== undefined;) {
				const page: readonly RetainedItem[] = await records.listRetainedManifests(image, {after, limit: itemsAtATime});
				items.push(...page);
				after = page.length < itemsAtATime ? undefined : page.at(-1)?.digest;
			}
		}
		return items;
	}

	/** Undefined for a repository whose type has no policies, or that cannot be made at all. */
	#policyOf(definition: RepositoryDefinition, common: readonly RetentionRule[]): Policy | undefined {
		const {key} = definition;
		try {
			const {type, options} = checkOptions(definition, this.#parts);
			const given = type.rules?.(options);
			if (given?.retention === undefined) {
				return undefined;
			}
			const rules = [...common, ...given.retention].filter(({repositories}) => allows(key, repositories));
			return {rules, immutableBy: createRules(given).writes.immutableBy};
		} catch (error) {
			this.#parts.logger.warn({err: error, repository: key}, 'the retention policy of a repository cannot be read');
			return undefined;
		}
	}
}

interface Policy {
	readonly rules: readonly RetentionRule[];
	readonly immutableBy: ReturnType<typeof createRules>['writes']['immutableBy'];
}

interface ImageRequest {
	readonly definition: RepositoryDefinition;
	readonly image: ImageName;
	readonly policy: Policy;
}

interface RemoveRequest extends ImageRequest {
	readonly leaving: readonly LeavingItem[];
}

function inParts(leaving: readonly LeavingItem[]): readonly (readonly LeavingItem[])[] {
	const parts: LeavingItem[][] = [];
	for (let start = 0; start < leaving.length; start += removedAtATime) {
		parts.push(leaving.slice(start, start + removedAtATime));
	}
	return parts;
}
