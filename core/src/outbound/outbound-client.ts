import type {IncomingHttpHeaders} from 'node:http';
import type {Readable} from 'node:stream';
import {setTimeout as sleep} from 'node:timers/promises';
import type {Abortable} from '../types/abortable.ts';
import {AddressGuard, type AddressGuardOptions} from './address-guard.ts';
import {checkBehindProxy} from './create-dispatcher.ts';
import {discardBody} from './discard-body.ts';
import {OutboundError, toOutboundError} from './outbound-error.ts';
import {OutboundPool, type Waited} from './outbound-pool.ts';
import {passingStatuses} from './passing-statuses.ts';
import {readBounded} from './read-bounded.ts';

export interface OutboundClientOptions extends AddressGuardOptions {
	/** Scheme, host and port of the only server that the client certificate is shown to. */
	readonly origin: string;
	readonly connectTimeoutMs: number;
	/** How long a server may keep silent before its answer and within it. */
	readonly idleTimeoutMs: number;
	/** Connections to one server at a time, and as many again for `fetch`; 32 unless told. */
	readonly connections?: number;
	/** How often GET and HEAD are tried again when there is no answer, or 502, 503 or 504; 2 unless told. */
	readonly retries?: number;
	/** Delay before the first of them, doubled for each further one, in milliseconds and with jitter; 200 unless told. */
	readonly retryDelayMs?: number;
	readonly proxy?: {readonly url: string; readonly username?: string; readonly password?: string};
	/** PEM of the authorities to trust instead of the system's. */
	readonly ca?: string;
	/** PEM of the certificate, and those between it and the root, that this client shows. */
	readonly certificate?: string;
	readonly key?: string;
	readonly localAddress?: string;
}

export interface OutboundRequest extends Abortable {
	readonly method: 'GET' | 'HEAD' | 'POST';
	readonly url: URL;
	readonly headers?: Readonly<Record<string, string>>;
	/** Sent to the origin of `url` only, and not where it redirects to. */
	readonly authorization?: string;
	/** Whether redirects take `authorization` with them wherever they go. */
	readonly authorizeRedirects?: boolean;
	readonly body?: string;
}

export interface OutboundAnswer {
	readonly status: number;
	readonly headers: IncomingHttpHeaders;
	/** Where it came from, after redirects. */
	readonly url: URL;
	/** To be read or destroyed. Not decoded: `content-encoding` says what it is. */
	readonly body: Readable;
}

export interface OutboundBytes extends Omit<OutboundAnswer, 'body'> {
	readonly bytes: Buffer;
}

const redirects: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);
const mostRedirects = 8;

/** Where a request goes out, and what became of its time. */
interface Sending {
	readonly pool: OutboundPool;
	readonly waited: Waited;
}

/**
 * Asks one other server, and whom it redirects to, over connections of its own: some for small answers, so that they never
 * wait for large ones, and some for all else. Every address is checked when it is connected to; credentials stay with the
 * server they are for. Rejects with `OutboundError`.
 */
export class OutboundClient {
	readonly #options: OutboundClientOptions;
	readonly #guard: AddressGuard;
	readonly #small: OutboundPool;
	readonly #large: OutboundPool;

	constructor(options: OutboundClientOptions) {
		this.#options = options;
		this.#guard = new AddressGuard(options);
		this.#small = new OutboundPool(options, this.#guard);
		this.#large = new OutboundPool(options, this.#guard);
	}

	/** Resolves once the headers of the last answer have come, whatever its status. */
	send(request: OutboundRequest): Promise<OutboundAnswer> {
		return this.#follow(request, {pool: this.#large, waited: {ms: 0}});
	}

	async #follow(request: OutboundRequest, sending: Sending): Promise<OutboundAnswer> {
		let {url, authorization} = request;
		for (let followed = 0; ; followed++) {
			const answer = await this.#sendAgain({...request, url, authorization}, sending);
			const target = redirectOf(answer);
			if (target === undefined || request.method === 'POST') {
				return answer;
			}
			discardBody(answer.body);
			if (followed === mostRedirects) {
				throw new OutboundError('redirect-refused', `${request.url.host} redirects again and again`);
			}
			authorization = target.origin === url.origin || request.authorizeRedirects === true ? authorization : undefined;
			url = target;
		}
	}

	/**
	 * A whole small answer. Rejects with `bad-answer` when it is larger, and with `timeout` when all of it takes longer, or
	 * with `busy` if most of that time went by before it could be asked for.
	 */
	async fetch(
		request: OutboundRequest,
		{maxBytes, withinMs}: {readonly maxBytes: number; readonly withinMs: number},
	): Promise<OutboundBytes> {
		const late = AbortSignal.timeout(withinMs);
		const signal = request.signal === undefined ? late : AbortSignal.any([request.signal, late]);
		const waited = {ms: 0};
		let answer: OutboundAnswer | undefined;
		try {
			answer = await this.#follow({...request, signal}, {pool: this.#small, waited});
			const {status, headers, url, body} = answer;
			return {status, headers, url, bytes: await readBounded(body, maxBytes, url)};
		} catch (error) {
			const url = answer?.url ?? request.url;
			if (late.aborted && request.signal?.aborted !== true && waited.ms > withinMs / 2) {
				throw new OutboundError('busy', `too much else is asked of ${url.host}`);
			}
			throw toOutboundError(error, url, request.signal?.aborted === true ? request.signal : signal);
		} finally {
			answer?.body.destroy();
		}
	}

	/** Ends what is under way. */
	async close(): Promise<void> {
		await Promise.all([this.#small.close(), this.#large.close()]);
	}

	async #sendAgain(request: OutboundRequest, sending: Sending): Promise<OutboundAnswer> {
		const {retries = 2, retryDelayMs = 200} = this.#options;
		for (let tries = request.method === 'POST' ? retries : 0; ; tries++) {
			const answer = await this.#sendOnce(request, sending).catch((error: unknown) => {
				if (tries < retries && error instanceof OutboundError && error.code === 'unreachable') {
					return undefined;
				}
				throw error;
			});
			if (answer !== undefined && (tries >= retries || !mayPass(answer))) {
				return answer;
			}
			if (answer !== undefined) {
				discardBody(answer.body);
			}
			const {url, signal} = request;
			await sleep(retryDelayMs * 2 ** tries * (0.5 + Math.random()), undefined, {signal}).catch((error: unknown) => {
				throw toOutboundError(error, url, signal);
			});
		}
	}

	async #sendOnce(request: OutboundRequest, {pool, waited}: Sending): Promise<OutboundAnswer> {
		const {method, url, body, signal} = request;
		signal?.throwIfAborted();
		checkScheme(url);
		if (this.#options.proxy !== undefined) {
			await checkBehindProxy(url, this.#guard);
		}
		try {
			const {origin, pathname, search} = url;
			const asked = {origin, path: pathname + search, method, headers: headersOf(request), body, signal};
			const answer = await pool.request(asked, waited);
			return {status: answer.statusCode, headers: answer.headers, url, body: answer.body};
		} catch (error) {
			throw toOutboundError(error, url, signal);
		}
	}
}

function headersOf({headers, authorization}: OutboundRequest): Record<string, string> {
	return {
		'user-agent': 'stowage',
		'accept-encoding': 'identity',
		...headers,
		...(authorization !== undefined && {authorization}),
	};
}

function redirectOf({status, headers, url}: OutboundAnswer): URL | undefined {
	const location = headers.location;
	if (!redirects.has(status) || location === undefined) {
		return undefined;
	}
	const target = URL.parse(location, url.href);
	if (target === null) {
		throw new OutboundError('bad-answer', `${url.host} redirects to no address`);
	}
	if (url.protocol === 'https:' && target.protocol !== 'https:') {
		throw new OutboundError('redirect-refused', `${url.host} redirects to ${target.host} without encryption`);
	}
	return target;
}

function checkScheme({protocol, host}: URL): void {
	if (protocol !== 'https:' && protocol !== 'http:') {
		throw new OutboundError('redirect-refused', `${protocol}//${host} is neither http nor https`);
	}
}

/** A server that is just restarting says so; one that names a later time is not asked before. */
function mayPass({status, headers}: OutboundAnswer): boolean {
	return passingStatuses.has(status) && headers['retry-after'] === undefined;
}
