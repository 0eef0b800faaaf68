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
	digestAlgorithm,
	digestHex,
	findImageName,
	parseTagName,
	unlessAborted,
} from '@stowage/core';
import {LRUCache} from 'lru-cache';
import type {Availability} from './availability.ts';
import {listStoredImages} from './list-stored-images.ts';
import type {RemoteOptions} from './options.ts';
import {pageOf, sortedOnce} from './page-of.ts';
import {readDescriptors} from './read-descriptors.ts';
import type {RemoteManifests} from './remote-manifests.ts';
import {SingleFlight} from './single-flight.ts';
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

type List = readonly (string | Descriptor)[];

/** So long a whole list serves the pages of it that clients ask for one after the other. */
const keptMs = 15_000;

/** Lists of the upstream, page by page. */
export class RemoteLists {
	readonly #parts: RemoteListsParts;
	readonly #flights = new SingleFlight<{readonly list: List | undefined}>();
	readonly #kept = new LRUCache<string, {readonly list: List | undefined}>({
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
			return tags && sortedOnce(tags);
		};
		return this.#orStored(stored, async () => {
			const tags = await this.#whole<TagName>(`tags ${image}`, load, options);
			return tags === undefined ? stored() : pageOf(tags, page, tag => tag);
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
			return names && sortedOnce(names.flatMap(name => findImageName(address.localName(name) ?? '') ?? []));
		};
		return this.#orStored(stored, async () => {
			const images = await this.#whole<ImageName>('images', load, options);
			if (images === undefined) {
				return own.listsFromCache ? stored() : {items: []};
			}
			const readable = images.filter(image => options.caller.may('read', context.key, image));
			return pageOf(readable, page, image => image);
		});
	}

	async referrers(
		image: ImageName,
		subject: Digest,
		request: ReferrersRequest,
		options: ReadOptions,
	): Promise<Page<Descriptor>> {
		const {context, options: own} = this.#parts;
		const stored = () => context.records.listReferrers(image, subject, request);
		if (this.#asksNobody(options)) {
			return stored();
		}
		const load = () => this.#loadReferrers(image, subject, options);
		try {
			const all = (await this.#whole<Descriptor>(`referrers ${image}@${subject}`, load, options)) ?? [];
			const {artifactType} = request;
			const wanted = artifactType === undefined ? all : all.filter(one => one.artifactType === artifactType);
			return pageOf(wanted, request, ({digest}) => digest);
		} catch (error) {
			if (own.hardFail || !(error instanceof UpstreamError)) {
				throw error;
			}
			return stored();
		}
	}

	/** From the list, or from the tag that clients keep it in where there is none (specification, "Referrers Tag Schema"). */
	async #loadReferrers(image: ImageName, subject: Digest, options: ReadOptions): Promise<readonly Descriptor[]> {
		const {upstream, manifests} = this.#parts;
		const listed = (await upstream.referrers(image, subject)) ?? [];
		if (listed.length > 0) {
			return sortedByDigest(listed);
		}
		const tag = parseTagName(`${digestAlgorithm(subject)}-${digestHex(subject).slice(0, 64)}`);
		const index = await manifests.find(image, {tag}, {caller: options.caller});
		return index === undefined ? [] : sortedByDigest(readDescriptors(JSON.parse(index.manifest.bytes.toString())));
	}

	#asksNobody({storedOnly}: ReadOptions): boolean {
		return storedOnly === true || this.#parts.options.offline;
	}

	async #orStored<Result>(stored: () => Promise<Result>, work: () => Promise<Result>): Promise<Result> {
		try {
			return await work();
		} catch (error) {
			const {listsFromCache, hardFail} = this.#parts.options;
			if (!listsFromCache || hardFail || !(error instanceof UpstreamError)) {
				throw error;
			}
			return stored();
		}
	}

	async #whole<Item extends string | Descriptor>(
		name: string,
		load: () => Promise<readonly Item[] | undefined>,
		{signal}: ReadOptions,
	): Promise<readonly Item[] | undefined> {
		const kept = this.#kept.get(name);
		if (kept !== undefined) {
			return kept.list as readonly Item[] | undefined;
		}
		const flight = this.#flights.run(name, async () => {
			const loaded = {list: await this.#parts.availability.run(load)};
			this.#kept.set(name, loaded);
			return loaded;
		});
		return (await unlessAborted(flight, signal)).list as readonly Item[] | undefined;
	}
}

function sortedByDigest(descriptors: readonly Descriptor[]): readonly Descriptor[] {
	const byDigest = new Map(descriptors.map(descriptor => [descriptor.digest, descriptor]));
	return sortedOnce([...byDigest.keys()]).flatMap(digest => byDigest.get(digest) ?? []);
}
