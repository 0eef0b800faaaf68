import {
	type BlobContent,
	type Descriptor,
	type Digest,
	type FoundBlob,
	type FoundManifest,
	type ImageName,
	type OpenRepositoryBlobOptions,
	type Page,
	type PageRequest,
	type ReadOptions,
	type Reference,
	type ReferrersRequest,
	RegistryError,
	type Repository,
	type RepositoryContext,
	type RepositoryRules,
	type RepositoryWriter,
	type TagName,
} from '@stowage/core';
import {Asking, type AskingParts} from './asking.ts';
import {LastHolders} from './last-holders.ts';
import {findLatest} from './latest-tag.ts';
import {Members} from './members.ts';
import {mergePages} from './merge-pages.ts';
import type {VirtualOptions} from './options.ts';
import {VirtualWriter} from './virtual-writer.ts';

/** A list that each member has one of. */
interface MemberLists<Item> {
	readonly image?: ImageName;
	readonly ask: (member: Repository, page: PageRequest, options: ReadOptions) => Promise<Page<Item> | undefined>;
	readonly keyOf: (item: Item) => string;
}

/** Several repositories under one name: it has nothing itself. */
export class VirtualRepository implements Repository {
	readonly key: string;
	readonly type = 'virtual';
	readonly members: readonly string[];
	readonly deployment?: string;
	readonly rules: RepositoryRules;
	readonly writer?: RepositoryWriter;
	readonly readOnlyBecause?: string;
	readonly #byTimestamp: boolean;
	readonly #asking: AskingParts;
	readonly #members: Members;
	readonly #holders = new LastHolders();

	constructor(options: VirtualOptions, {key, repositories, rules}: RepositoryContext) {
		this.key = key;
		this.members = options.repositories;
		this.rules = rules;
		this.#asking = {key, repositories};
		this.#byTimestamp = options.resolveDockerTagsByTimestamp;
		this.#members = new Members(options.repositories, {key, rules, repositories});
		if (options.defaultDeploymentRepo === '') {
			this.readOnlyBecause = `"${key}" is a virtual repository without a defaultDeploymentRepo: push to one of its members`;
		} else {
			const deployment = options.defaultDeploymentRepo;
			this.deployment = deployment;
			this.writer = new VirtualWriter({virtual: this, deployment, members: this.#members, repositories});
		}
	}

	async findManifest(image: ImageName, reference: Reference, options: ReadOptions): Promise<FoundManifest | undefined> {
		const resolving = this.#members.resolve();
		const resolution = resolving instanceof Promise ? await resolving : resolving;
		const asking = new Asking(this.#asking, options);
		const steps =
			reference.tag === undefined ? resolution.stepsPreferring(this.#holders.find(image)) : resolution.steps;
		const found =
			this.#byTimestamp && reference.tag !== undefined
				? await findLatest(asking, steps, {image, tag: reference.tag})
				: await asking.askFirst(steps, image, (member, given) => member.findManifest(image, reference, given));
		if (found === undefined) {
			return undefined;
		}
		this.#holders.remember(image, found.member.key);
		return found.answer;
	}

	async findBlob(image: ImageName, digest: Digest, options: ReadOptions): Promise<FoundBlob | undefined> {
		return (await this.findBlobHolder(image, digest, options))?.blob;
	}

	/** The blob with the member that has it. */
	async findBlobHolder(
		image: ImageName,
		digest: Digest,
		options: ReadOptions,
	): Promise<{readonly blob: FoundBlob; readonly holder: Repository} | undefined> {
		const steps = (await this.#members.resolve()).stepsPreferring(this.#holders.find(image));
		const found = await new Asking(this.#asking, options).askFirst(steps, image, async (holder, given) => {
			const blob = await holder.findBlob(image, digest, given);
			return blob && {blob, holder};
		});
		return found?.answer;
	}

	async openBlob(
		image: ImageName,
		digest: Digest,
		options: OpenRepositoryBlobOptions,
	): Promise<BlobContent | undefined> {
		const steps = (await this.#members.resolve()).stepsPreferring(this.#holders.find(image));
		const {redirect} = options;
		let refusal: unknown;
		const range =
			options.range &&
			((size: number) => {
				try {
					return options.range?.(size);
				} catch (error) {
					refusal = error;
					throw error;
				}
			});
		try {
			const asking = new Asking(this.#asking, options);
			const found = await asking.askFirst(steps, image, (member, given) =>
				member.openBlob(image, digest, {...given, range, redirect}),
			);
			return found?.answer;
		} catch (error) {
			// That there is no such part is no trouble of the member.
			throw refusal ?? error;
		}
	}

	async listTags(image: ImageName, page: PageRequest, options: ReadOptions): Promise<Page<TagName> | undefined> {
		const asking = new Asking(this.#asking, options);
		const tags = await this.#merge(asking, page, {
			image,
			ask: (member, part, given) => member.listTags(image, part, given),
			keyOf: (tag: TagName) => tag,
		});
		if (tags === undefined && asking.warning !== undefined) {
			throw new RegistryError('NAME_UNKNOWN', asking.warning, {detail: {name: image}});
		}
		return tags;
	}

	async listImages(page: PageRequest, options: ReadOptions): Promise<Page<ImageName>> {
		const images = await this.#merge(new Asking(this.#asking, options), page, {
			ask: (member, part, given) => member.listImages(part, given),
			keyOf: (image: ImageName) => image,
		});
		return images ?? {items: []};
	}

	async listReferrers(
		image: ImageName,
		subject: Digest,
		request: ReferrersRequest,
		options: ReadOptions,
	): Promise<Page<Descriptor>> {
		const {artifactType} = request;
		const asking = new Asking(this.#asking, options);
		const referrers = await this.#merge(asking, request, {
			image,
			ask: (member, part, given) => member.listReferrers(image, subject, {...part, artifactType}, given),
			keyOf: ({digest}: Descriptor) => digest,
		});
		return referrers ?? {items: [], warning: asking.warning};
	}

	/** A page of the lists of all members that are there for who asks. */
	async #merge<Item>(
		asking: Asking,
		page: PageRequest,
		{image, ask, keyOf}: MemberLists<Item>,
	): Promise<Page<Item> | undefined> {
		const {members} = await this.#members.resolve();
		const lists = members
			.filter(member => asking.sees(member, image))
			.map(member => (part: PageRequest) => asking.list(member, (repository, given) => ask(repository, part, given)));
		const merged = await mergePages(lists, page, keyOf);
		return merged && (asking.warning === undefined ? merged : {...merged, warning: asking.warning});
	}
}
