import {
	type Descriptor,
	type Digest,
	type ImageName,
	type Page,
	type PageRequest,
	type ReadOptions,
	type ReferrersRequest,
	type RepositoryContext,
	type TagName,
	findImageName,
	unlessAborted,
} from '@stowage/core';
import {LRUCache} from 'lru-cache';
import type {Availability} from './availability.ts';
import {listStoredImages} from './list-stored-images.ts';
import type {RemoteOptions} from './options.ts';
import {pageOf, sortedOnce} from './page-of.ts';
import {readDescriptors} from './read-descriptors.ts';
import {referrersPage} from './referrers-page.ts';
import {referrersTag} from './referrers-tag.ts';
import type {RemoteManifests} from './remote-manifests.ts';
import {SingleFlight} from './single-flight.ts';
import {sortedReferrers} from './sorted-referrers.ts';
import {storedReferrers} from './stored-referrers.ts';
import {storedWarning} from './stored-warning.ts';
import {UpstreamError} from './upstream-error.ts';
import type {UpstreamAddress} from './upstream-address.ts';
import type {UpstreamLists} from './upstream-lists.ts';

export interface RemoteListsParts {
	readonly options: RemoteOptions;
	readonly context: RepositoryContext;
	readonly address: UpstreamAddress;
	readonly upstream: UpstreamLists;
	readonly manifests: RemoteManifests;
	readonly availability: Availability;
}

interface Loaded<Item> {
	/** Undefined where the upstream has no such list. */
	readonly list: readonly Item[] | undefined;
	readonly warning?: string;
}

type Listed = string | Descriptor;

/** So long a whole list serves the pages of it that clients ask for one after the other. */
const keptMs = 15_000;

const gone = 'the upstream does not have this image any more';

/** Lists of the upstream, page by page. */
export class RemoteLists {
	readonly #parts: RemoteListsParts;
	readonly #flights = new SingleFlight<Loaded<Listed>>();
	readonly #kept = new LRUCache<string, Loaded<Listed>>({
		max: 1000,
		maxSize: 1_000_000,
		sizeCalculation: ({list}) => (list?.length ?? 0) + 1,
		ttl: keptMs,
	});

	constructor(parts: RemoteListsParts) {
		this.#parts = parts;
	}

	async tags(image: ImageName, page: PageRequest, options: ReadOptions): Promise<Page<TagName> | undefined> {
		const {upstream, context} = this.#parts;
		const stored = () => context.records.listTags(image, page);
		if (this.#asksNobody(options)) {
			return stored();
		}
		const load = async () => {
			const tags = await upstream.tags(image);
			return {list: tags && sortedOnce(tags)};
		};
		return this.#orStored(stored, async () => {
			const {list} = await this.#whole<TagName>(`tags ${image}`, load, options);
			return list === undefined ? this.#warned(await stored(), gone) : pageOf(list, page, tag => tag);
		});
	}

	async images(page: PageRequest, options: ReadOptions): Promise<Page<ImageName>> {
		const {upstream, context, address, options: own} = this.#parts;
		const stored = () => listStoredImages(context, page, options);
		if (!options.caller.may('read', context.key)) {
			return {items: []};
		}
		if (this.#asksNobody(options)) {
			return stored();
		}
		const load = async () => {
			const names = address.hub ? undefined : await upstream.images();
			return {list: names && sortedOnce(names.flatMap(name => findImageName(address.localName(name) ?? '') ?? []))};
		};
		return this.#orStored(stored, async () => {
			const {list} = await this.#whole<ImageName>('images', load, options);
			if (list === undefined) {
				return own.listsFromCache ? stored() : {items: []};
			}
			const readable = list.filter(image => options.caller.may('read', context.key, image));
			return pageOf(readable, page, image => image);
		});
	}

	/** Rejects when the upstream fails and nothing is stored: none of a kind is something else than not knowing of one. */
	async referrers(
		image: ImageName,
		subject: Digest,
		request: ReferrersRequest,
		options: ReadOptions,
	): Promise<Page<Descriptor>> {
		const {context, options: own} = this.#parts;
		const stored = (page: ReferrersRequest) => storedReferrers(context, {image, subject}, page);
		if (this.#asksNobody(options)) {
			return stored(request);
		}
		const load = () => this.#loadReferrers(image, subject, options);
		try {
			const {list = [], warning} = await this.#whole<Descriptor>(`referrers ${image}@${subject}`, load, options);
			return {...referrersPage(list, request), ...(warning !== undefined && {warning})};
		} catch (error) {
			const told = own.hardFail || !(error instanceof UpstreamError);
			if (told || (await stored({...request, after: undefined, limit: 1})).items.length === 0) {
				throw error;
			}
			return this.#warned(await stored(request), error.message);
		}
	}

	/** From the list, or from the tag that clients keep it in where there is none. */
	async #loadReferrers(image: ImageName, subject: Digest, {caller}: ReadOptions): Promise<Loaded<Descriptor>> {
		const {upstream, manifests} = this.#parts;
		const listed = (await upstream.referrers(image, subject)) ?? [];
		if (listed.length > 0) {
			return {list: sortedReferrers(listed)};
		}
		const index = await manifests.find(image, {tag: referrersTag(subject)}, {caller});
		const tagged = index === undefined ? [] : readDescriptors(JSON.parse(index.manifest.bytes.toString()));
		return {list: sortedReferrers(tagged), warning: index?.warning};
	}

	#asksNobody({storedOnly}: ReadOptions): boolean {
		return storedOnly === true || this.#parts.options.offline;
	}

	#warned<Stored extends Page<Listed> | undefined>(stored: Stored, why: string): Stored {
		return stored && {...stored, warning: storedWarning(this.#parts.context.key, why)};
	}

	async #orStored<Stored extends Page<Listed> | undefined>(
		stored: () => Promise<Stored>,
		work: () => Promise<Stored>,
	): Promise<Stored> {
		try {
			return await work();
		} catch (error) {
			const {listsFromCache, hardFail} = this.#parts.options;
			if (!listsFromCache || hardFail || !(error instanceof UpstreamError)) {
				throw error;
			}
			return this.#warned(await stored(), error.message);
		}
	}

	async #whole<Item extends Listed>(
		name: string,
		load: () => Promise<Loaded<Item>>,
		{signal}: ReadOptions,
	): Promise<Loaded<Item>> {
		const kept = this.#kept.get(name);
		if (kept !== undefined) {
			return kept as Loaded<Item>;
		}
		const flight = this.#flights.run(name, async () => {
			this.#parts.availability.check();
			const loaded = await load();
			this.#kept.set(name, loaded);
			return loaded;
		});
		return (await unlessAborted(flight, signal)) as Loaded<Item>;
	}
}
