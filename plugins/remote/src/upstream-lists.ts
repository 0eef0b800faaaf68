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
		const first = this.#upstream.url(`${name}/tags/list?n=${pageSize}`);
		const names = await this.#collect(first, `repository:${name}:pull`, answer => namesOf(answer, 'tags'));
		return names?.flatMap(name => findTagName(name) ?? []);
	}

	/** Undefined when the upstream has no catalog. */
	async images(): Promise<readonly string[] | undefined> {
		try {
			const first = this.#upstream.url(`_catalog?n=${pageSize}`);
			return await this.#collect(first, 'registry:catalog:*', answer => namesOf(answer, 'repositories'));
		} catch (error) {
			// A catalog is for those who run a registry; that others are not let in is no trouble.
			if (error instanceof UpstreamError && (error.trouble === 'refused' || isRefusal(error.status))) {
				return undefined;
			}
			throw error;
		}
	}

	/** What refers to a manifest; undefined when the upstream has no such list (specification, "Unavailable Referrers API"). */
	async referrers(image: ImageName, subject: Digest): Promise<readonly Descriptor[] | undefined> {
		const name = this.#upstream.address.remoteName(image);
		const first = this.#upstream.url(`${name}/referrers/${subject}`);
		try {
			return await this.#collect(first, `repository:${name}:pull`, descriptorsOf);
		} catch (error) {
			if (error instanceof UpstreamError && (error.trouble === 'rubbish' || isRefusal(error.status))) {
				return undefined;
			}
			throw error;
		}
	}

	async #collect<Item>(
		first: URL,
		scope: string,
		itemsOf: (answer: OutboundBytes) => readonly Item[],
	): Promise<readonly Item[] | undefined> {
		const signal = AbortSignal.any([this.#signal, AbortSignal.timeout(this.#upstream.withinMs * pagesTime)]);
		const items: Item[] = [];
		const seen = new Set<string>();
		for (let url: URL | undefined = first; url !== undefined;) {
			seen.add(url.href);
			const answer: OutboundBytes = await this.#upstream.fetch({method: 'GET', url, scope, signal}, maxPageBytes);
			if (answer.status !== 200) {
				return undefined;
			}
			checkEncoding(answer.headers);
			items.push(...itemsOf(answer));
			url = nextOf(answer, url);
			if (url !== undefined && (seen.has(url.href) || seen.size >= mostPages || items.length > mostItems)) {
				throw rubbish('sends a list that does not end');
			}
		}
		return items;
	}
}

/** 400, 404, 405, 406 and 501 are what registries say that do not know a list. */
function isRefusal(status: number): boolean {
	return [400, 404, 405, 406, 501].includes(status);
}

function namesOf({bytes}: OutboundBytes, member: 'tags' | 'repositories'): readonly string[] {
	const list = (parse(bytes) as Names)?.[member] ?? [];
	if (!Array.isArray(list)) {
		throw rubbish('does not send a list');
	}
	return list.filter(name => typeof name === 'string');
}

function descriptorsOf({headers, bytes}: OutboundBytes): readonly Descriptor[] {
	if (mediaTypeOf(headers['content-type'] ?? '') !== ociIndexType) {
		throw rubbish('does not send a list of referrers');
	}
	return readDescriptors(parse(bytes));
}

function parse(bytes: Buffer): unknown {
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
	const link = headers['link'];
	const text = (Array.isArray(link) ? link.join(', ') : (link ?? '')).slice(0, 8192);
	const target = /<([^<>]*)>\s*;[^,<]*\brel="?next"?/.exec(text)?.[1];
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
