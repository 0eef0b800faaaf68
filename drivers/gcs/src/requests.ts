import type {Readable} from 'node:stream';
import {setTimeout as sleep} from 'node:timers/promises';
import {Agent, type Dispatcher, EnvHttpProxyAgent} from 'undici';
import {type Abortable, type Json, unlessAborted} from '@stowage/core';
import {type RefusalDetails, RefusalError, TimeoutError, classifyError} from './errors.ts';

const firstPause = 250;
const longestPause = 10_000;

export interface Request extends Abortable {
	readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
	/** From the first slash after the host on. */
	readonly path: string;
	readonly query?: Readonly<Record<string, string | number | undefined>>;
	readonly headers?: Readonly<Record<string, string>>;
	readonly body?: Buffer | string;
	/** Statuses beside the 200s that are no refusal. */
	readonly alsoFine?: readonly number[];
}

export interface Answer {
	readonly status: number;
	readonly headers: Readonly<Record<string, string | string[] | undefined>>;
	/** To be read or destroyed. */
	readonly body: Readable & {text(): Promise<string>};
}

export interface RequestsOptions {
	/** Without a slash at its end. */
	readonly endpoint: string;
	/** Headers that authenticate a call; rejects when there are none to be had. */
	readonly authorize: (url: string) => Promise<Readonly<Record<string, string>>>;
	/** Milliseconds until an answer begins, and that it may be silent. */
	readonly timeout: number;
	readonly tries: number;
}

/**
 * Calls of one service over connections of its own. The SDK gives no way to abort a call, to limit its time or to end its
 * connections, so it is asked for tokens and signatures only.
 */
export class Requests {
	readonly #options: RequestsOptions;
	readonly #dispatcher: Dispatcher;

	constructor(options: RequestsOptions) {
		this.#options = options;
		const settings = {
			connect: {timeout: Math.min(options.timeout, 20_000)},
			headersTimeout: 0,
			bodyTimeout: options.timeout,
			keepAliveTimeout: 20_000,
		};
		const proxied = ['HTTPS_PROXY', 'https_proxy', 'HTTP_PROXY', 'http_proxy'].some(name => name in process.env);
		this.#dispatcher = proxied ? new EnvHttpProxyAgent(settings) : new Agent(settings);
	}

	/** How often whatever fails for a passing reason is tried. */
	get tries(): number {
		return this.#options.tries;
	}

	/** Resolves to an answer whose body is still to come. What fails for a passing reason is tried again. */
	async open(request: Request): Promise<Answer> {
		for (let failures = 0; ;) {
			try {
				return await this.once(request);
			} catch (error) {
				failures += 1;
				await this.pauseAfter(error, failures, request);
			}
		}
	}

	/** Like `open`, to the JSON of the answer, which is undefined when there is none. */
	async json<Value>(request: Request): Promise<Value | undefined> {
		for (let failures = 0; ;) {
			try {
				const {body} = await this.once(request);
				const text = await body.text();
				return text === '' ? undefined : (JSON.parse(text) as Value);
			} catch (error) {
				failures += 1;
				await this.pauseAfter(error, failures, request);
			}
		}
	}

	/** Throws `error` when it is not worth another try, or was the last one; else waits, the longer the more have failed. */
	async pauseAfter(error: unknown, failures: number, {signal}: Abortable): Promise<void> {
		if (signal?.aborted === true || failures >= this.#options.tries || classifyError(error) !== 'unavailable') {
			throw error;
		}
		const asked = error instanceof RefusalError ? (error.retryAfter ?? 0) * 1000 : 0;
		const pause = Math.max(asked, firstPause * 2 ** (failures - 1) * (0.5 + Math.random()));
		await sleep(Math.min(pause, longestPause), undefined, {signal});
	}

	/** One try. Rejects with `RefusalError` unless the service agrees. */
	async once({method, path, query = {}, headers, body, alsoFine = [], signal}: Request): Promise<Answer> {
		signal?.throwIfAborted();
		const {endpoint, authorize, timeout} = this.#options;
		const url = new URL(endpoint);
		const late = new AbortController();
		const timer = setTimeout(() => late.abort(new TimeoutError(timeout)), timeout);
		try {
			const ended = signal === undefined ? late.signal : AbortSignal.any([signal, late.signal]);
			// Tokens come over connections that cannot be aborted.
			const authorization = await unlessAborted(authorize(endpoint), ended);
			const answer = await this.#dispatcher.request({
				origin: url.origin,
				path: `${url.pathname.replace(/\/$/, '')}${path}${queryOf(query, path)}`,
				method,
				headers: {...authorization, ...headers},
				body,
				signal: ended,
			});
			if (answer.statusCode >= 300 && !alsoFine.includes(answer.statusCode)) {
				throw await refusalOf(answer);
			}
			return {status: answer.statusCode, headers: answer.headers, body: answer.body};
		} finally {
			clearTimeout(timer);
		}
	}

	/** Ends all connections. */
	async close(): Promise<void> {
		await this.#dispatcher.destroy();
	}
}

function queryOf(query: Readonly<Record<string, string | number | undefined>>, path: string): string {
	const given = new URLSearchParams();
	for (const [name, value] of Object.entries(query)) {
		if (value !== undefined) {
			given.set(name, String(value));
		}
	}
	return given.size === 0 ? '' : `${path.includes('?') ? '&' : '?'}${given.toString()}`;
}

interface Problem {
	readonly error?: {readonly message?: string; readonly errors?: readonly {readonly reason?: string}[]};
}

async function refusalOf({statusCode, headers, body}: Dispatcher.ResponseData): Promise<RefusalError> {
	const text = await body.text();
	const {error} = parse(text);
	const details: RefusalDetails = {
		status: statusCode,
		reason: error?.errors?.[0]?.reason,
		retryAfter: Number(headers['retry-after']) || undefined,
	};
	return new RefusalError(`the service answered ${statusCode}: ${error?.message ?? text.slice(0, 200)}`, details);
}

/** The JSON API answers so, its uploads and gateways in plain text. */
function parse(text: string): Problem {
	try {
		const problem = JSON.parse(text) as Json;
		return typeof problem === 'object' && problem !== null ? (problem as Problem) : {};
	} catch {
		return {};
	}
}
