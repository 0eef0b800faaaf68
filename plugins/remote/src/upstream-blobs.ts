import type {IncomingHttpHeaders} from 'node:http';
import type {Readable} from 'node:stream';
import {type Digest, type ImageName, RegistryError} from '@stowage/core';
import {type OutboundAnswer, OutboundError, discardBody} from '@stowage/core/outbound';
import {checkEncoding} from './check-encoding.ts';
import {isDoubtful} from './is-doubtful.ts';
import type {RemoteOptions} from './options.ts';
import {refusesMethod} from './refuses-method.ts';
import {UpstreamError, rubbish} from './upstream-error.ts';
import type {Upstream, UpstreamRequest} from './upstream.ts';

export interface BlobRequest {
	readonly image: ImageName;
	readonly digest: Digest;
	/** Bytes of the whole blob. */
	readonly size: number;
	/** Where else it may be got from, without credentials, when the upstream does not have it. */
	readonly urls: readonly URL[];
}

export interface BlobPart {
	readonly offset: number;
	/** The first byte not wanted. */
	readonly end?: number;
	readonly signal: AbortSignal;
}

type AskedBlob = Pick<BlobRequest, 'image' | 'digest'> & Partial<Pick<BlobRequest, 'size'>>;
type Heading = Pick<OutboundAnswer, 'status' | 'headers'>;

/** The blobs of the upstream. Rejects with `UpstreamError`. */
export class UpstreamBlobs {
	readonly #upstream: Upstream;
	readonly #bypassHeadRequests: boolean;

	constructor(upstream: Upstream, {bypassHeadRequests}: Pick<RemoteOptions, 'bypassHeadRequests'>) {
		this.#upstream = upstream;
		this.#bypassHeadRequests = bypassHeadRequests;
	}

	/** Size of a blob; undefined when the upstream does not have it. */
	async size(image: ImageName, digest: Digest, signal: AbortSignal): Promise<number | undefined> {
		const {status, headers} = await this.#ask({image, digest}, signal);
		if (status === 404) {
			return undefined;
		}
		const length = lengthOf(headers);
		if (length === undefined) {
			throw rubbish('does not say how large a blob is');
		}
		return length;
	}

	/** Whether the upstream gives this blob to this image. */
	async has(blob: BlobRequest, signal: AbortSignal): Promise<boolean> {
		const {status, headers} = await this.#ask(blob, signal);
		return status !== 404 && (lengthOf(headers) ?? blob.size) === blob.size;
	}

	/** By HEAD; where that may be wrong, or is not known, by the beginning of an answer to GET. */
	async #ask({image, digest, size}: AskedBlob, signal: AbortSignal): Promise<Heading> {
		const asked = {...this.#request(image, digest), signal};
		const told = this.#bypassHeadRequests ? undefined : await this.#askByHead(asked, size);
		if (told !== undefined) {
			return told;
		}
		const {status, headers, body} = await this.#upstream.open({...asked, method: 'GET'});
		body.destroy();
		return {status, headers};
	}

	/** Undefined where that does not say what GET would give. */
	async #askByHead(asked: Omit<UpstreamRequest, 'method'>, size: number | undefined): Promise<Heading | undefined> {
		try {
			const answer = await this.#upstream.fetch({...asked, method: 'HEAD'}, 0);
			return tellsOfGet(answer, size) ? answer : undefined;
		} catch (error) {
			// An address that is signed for GET denies HEAD.
			if (refusesMethod(error) || (error instanceof UpstreamError && error.code === 'DENIED')) {
				return undefined;
			}
			throw error;
		}
	}

	/** Rejects with `BLOB_UNKNOWN` when nobody has it. Undefined when the part that was asked for cannot be had by itself. */
	async open(blob: BlobRequest, part: BlobPart): Promise<Readable | undefined> {
		const {signal} = part;
		const asked = this.#request(blob.image, blob.digest);
		const request = {...asked, headers: rangeOf(part), method: 'GET', signal} as const;
		const answer = await this.#upstream.open(request);
		if (answer.status !== 404) {
			return this.#bodyOf(answer, blob, part);
		}
		discardBody(answer.body);
		return this.#openElsewhere(blob, part);
	}

	/** From the first address that gives it. Trouble with one is told only when no other does, and not as the upstream's. */
	async #openElsewhere(blob: BlobRequest, part: BlobPart): Promise<Readable | undefined> {
		const {signal} = part;
		const detail = {digest: blob.digest};
		let trouble: unknown;
		for (const url of blob.urls) {
			try {
				const answer = await this.#upstream.client.send({method: 'GET', url, headers: rangeOf(part), signal});
				if (answer.status !== 404) {
					return this.#bodyOf(answer, blob, part);
				}
				discardBody(answer.body);
			} catch (error) {
				signal.throwIfAborted();
				trouble = error;
			}
		}
		if (trouble === undefined) {
			throw new RegistryError('BLOB_UNKNOWN', 'blob unknown to the upstream', {detail});
		}
		// Where nobody may go is for the operator to allow; what else went wrong elsewhere is for nobody outside.
		const why = trouble instanceof OutboundError && trouble.code.endsWith('-refused') ? `: ${trouble.message}` : '';
		const message = `no address that the manifest names for this layer gives it${why}`;
		throw new UpstreamError('foreign', 'UNAVAILABLE', message, {status: 502, detail, cause: trouble});
	}

	#bodyOf({status, headers, body}: OutboundAnswer, {size}: BlobRequest, {offset, end}: BlobPart): Readable | undefined {
		try {
			checkEncoding(headers);
			const whole = offset === 0 && end === undefined;
			if (!whole && !isPart(status, headers, {size, offset, end: end ?? size})) {
				body.destroy();
				return undefined;
			}
			if (whole) {
				checkWhole(status, headers, size);
			}
			return body;
		} catch (error) {
			body.destroy();
			throw error;
		}
	}

	#request(image: ImageName, digest: Digest) {
		const name = this.#upstream.address.remoteName(image);
		return {url: this.#upstream.url(`${name}/blobs/${digest}`), scope: `repository:${name}:pull`};
	}
}

/** Whether an answer to HEAD may be believed, of a blob of this size where that is known. */
function tellsOfGet({status, headers}: Heading, size: number | undefined): boolean {
	if (status === 404) {
		return !isDoubtful(headers);
	}
	const length = lengthOf(headers);
	return length !== undefined && (size === undefined || length === size);
}

function rangeOf({offset, end}: BlobPart): Record<string, string> {
	return offset === 0 && end === undefined ? {} : {range: `bytes=${offset}-${end === undefined ? '' : end - 1}`};
}

/** What announces other bytes than were asked for is not read at all: a page to sign in at, for instance. */
function checkWhole(status: number, headers: IncomingHttpHeaders, size: number): void {
	const length = lengthOf(headers);
	if (length !== undefined && length !== size) {
		throw rubbish('sends a blob of another size than its manifest says', {expected: size, actual: length});
	}
	if (status !== 200) {
		throw rubbish('does not send a blob that was asked for', {status});
	}
}

interface WantedPart {
	readonly size: number;
	readonly offset: number;
	readonly end: number;
}

/** Some send all, another part, or refuse parts: what cannot be told to be this one is not taken for it. */
function isPart(status: number, headers: IncomingHttpHeaders, {size, offset, end}: WantedPart): boolean {
	const [, start, total] = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(headers['content-range'] ?? '') ?? [];
	return (
		status === 206 &&
		Number(start) === offset &&
		(total === String(size) || total === '*') &&
		(lengthOf(headers) ?? end - offset) === end - offset
	);
}

function lengthOf(headers: IncomingHttpHeaders): number | undefined {
	const text = headers['content-length'];
	return text === undefined || !/^\d{1,15}$/.test(text) ? undefined : Number(text);
}
