import {
	type Descriptor,
	type Digest,
	type ImageName,
	type TagName,
	findTagName,
	mediaTypeOf,
	ociIndexType,
} from '@stowage/core';
import type {OutboundBytes} from '@stowage/core/outbound';
import {checkEncoding} from './check-encoding.ts';
import {findNextLink} from './next-link.ts';
import {readDescriptors} from './read-descriptors.ts';
import {UpstreamError, rubbish} from './upstream-error.ts';
import type {Upstream} from './upstream.ts';

const pageSize = 1000;
const mostPages = 500;
const mostItems = 200_000;
const maxPageBytes = 8 * 1024 * 1024;
/** All pages together may take so many times as long as one. */
const pagesTime = 5;

type Names = {readonly tags?: unknown; readonly repositories?: unknown} | null;

interface ListRequest<Item> {
	/** Of the first page, after `/v2/`. */
	readonly path: string;
	readonly scope: string;
	/** What a page has; undefined where it is none of such a list. */
	readonly itemsOf: (answer: OutboundBytes) => readonly Item[] | undefined;
	/** Whether an upstream without such a list says so. */
	readonly isNone?: (error: UpstreamError) => boolean;
}

interface ListPage<Item> {
	readonly items: readonly Item[];
	readonly next?: URL;
}

/** Lists of the upstream, whole. Rejects with `UpstreamError`. */
export class UpstreamLists {
	readonly #upstream: Upstream;
	readonly #signal: AbortSignal;

	constructor(upstream: Upstream, signal: AbortSignal) {
		this.#upstream = upstream;
		this.#signal = signal;
	}

	/** In any order. What is no tag is left out, as are digests that some registries list. Undefined for an unknown image. */
	async tags(image: ImageName): Promise<readonly TagName[] | undefined> {
		const name = this.#upstream.address.remoteName(image);
		const names = await this.#collect({
			path: `${name}/tags/list?n=${pageSize}`,
			scope: `repository:${name}:pull`,
			itemsOf: page => namesOf(page, 'tags'),
		});
		return names?.flatMap(name => findTagName(name) ?? []);
	}

	/** Undefined when the upstream has no catalog. */
	images(): Promise<readonly string[] | undefined> {
		return this.#collect({
			path: `_catalog?n=${pageSize}`,
			scope: 'registry:catalog:*',
			itemsOf: page => namesOf(page, 'repositories'),
			// A catalog is for those who run a registry; that others are not let in is no trouble.
			isNone: isRefusal,
		});
	}

	/** What refers to a manifest; undefined when the upstream has no such list (specification, "Unavailable Referrers API"). */
	referrers(image: ImageName, subject: Digest): Promise<readonly Descriptor[] | undefined> {
		const name = this.#upstream.address.remoteName(image);
		return this.#collect({
			path: `${name}/referrers/${subject}`,
			scope: `repository:${name}:pull`,
			itemsOf: descriptorsOf,
			isNone: isUnknown,
		});
	}

	/** Undefined when the first page says that there is no such list. After it whatever is no page is trouble. */
	async #collect<Item>(list: ListRequest<Item>): Promise<readonly Item[] | undefined> {
		const signal = AbortSignal.any([this.#signal, AbortSignal.timeout(this.#upstream.withinMs * pagesTime)]);
		const items: Item[] = [];
		const seen = new Set<string>();
		for (let url: URL | undefined = this.#upstream.url(list.path); url !== undefined;) {
			seen.add(url.href);
			const first = seen.size === 1;
			const asked = first ? list : {...list, isNone: isRefusal};
			const page: ListPage<Item> | undefined = await this.#findPage(asked, url, signal);
			if (page === undefined && first) {
				return undefined;
			}
			if (page === undefined) {
				throw rubbish('breaks off in the middle of a list');
			}
			for (const item of page.items) {
				items.push(item);
			}
			url = page.next;
			if (url !== undefined && (seen.has(url.href) || seen.size >= mostPages || items.length > mostItems)) {
				throw rubbish('sends a list that does not end');
			}
		}
		return items;
	}

	/** Undefined for what upstreams answer that have no such list. */
	async #findPage<Item>(
		{scope, itemsOf, isNone}: ListRequest<Item>,
		url: URL,
		signal: AbortSignal,
	): Promise<ListPage<Item> | undefined> {
		try {
			const answer = await this.#upstream.fetch({method: 'GET', url, scope, signal}, maxPageBytes);
			if (answer.status === 404) {
				return undefined;
			}
			if (answer.status !== 200) {
				throw rubbish('does not send a list');
			}
			const items = itemsOf(answer);
			return items && {items, next: nextOf(answer, url)};
		} catch (error) {
			if (error instanceof UpstreamError && isNone?.(error) === true) {
				return undefined;
			}
			throw error;
		}
	}
}

/** Besides 404, these statuses are what registries answer that do not know a list. */
function isUnknown({answered = 0}: UpstreamError): boolean {
	return [400, 405, 406, 501].includes(answered);
}

function isRefusal(error: UpstreamError): boolean {
	return error.trouble === 'refused' || isUnknown(error);
}

function namesOf(answer: OutboundBytes, member: 'tags' | 'repositories'): readonly string[] {
	const list = (parse(answer) as Names)?.[member] ?? [];
	if (!Array.isArray(list)) {
		throw rubbish('does not send a list');
	}
	return list.filter(name => typeof name === 'string');
}

function descriptorsOf(answer: OutboundBytes): readonly Descriptor[] | undefined {
	const isIndex = mediaTypeOf(answer.headers['content-type'] ?? '') === ociIndexType;
	return isIndex ? readDescriptors(parse(answer)) : undefined;
}

function parse({headers, bytes}: OutboundBytes): unknown {
	checkEncoding(headers);
	try {
		return JSON.parse(bytes.toString());
	} catch (cause) {
		throw new UpstreamError('rubbish', 'UNAVAILABLE', 'the upstream does not send a list', {status: 502, cause});
	}
}

/**
 * At the same server whatever it calls itself: behind a proxy a registry may not know its own address, and another one would
 * get our credentials, or lead us anywhere.
 */
function nextOf({headers}: OutboundBytes, from: URL): URL | undefined {
	const link = headers['link'] ?? '';
	const target = findNextLink(Array.isArray(link) ? link.join(', ') : link);
	if (target === undefined) {
		return undefined;
	}
	const url = URL.parse(target, from.href);
	if (url === null || !/^https?:$/.test(url.protocol)) {
		throw rubbish('names a next page that has no address');
	}
	const next = new URL(from.origin);
	next.pathname = url.pathname;
	next.search = url.search;
	return next;
}
