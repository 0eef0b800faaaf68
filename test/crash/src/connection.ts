import {Agent, request} from 'undici';

/** The registry went away before it answered. Whether it has done what it was asked is not known. */
export class ConnectionLost extends Error {
	readonly code = 'CONNECTION_LOST';

	constructor(cause: unknown) {
		super('the registry went away before it answered', {cause});
		this.name = 'ConnectionLost';
	}
}

export interface Answer {
	readonly status: number;
	readonly location?: string;
	/** Of an upload: how much of it there is. */
	readonly range?: string;
	/** Seconds to wait. */
	readonly retryAfter?: number;
	readonly body: Buffer;
}

export interface Call {
	readonly headers?: Readonly<Record<string, string>>;
	readonly body?: Buffer;
}

type Method = 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** HTTP to one registry, which may be started again on the same port. */
export class Connection {
	readonly #url: string;
	readonly #authorization: string;
	readonly #agent = new Agent({connections: 64, headersTimeout: 30_000, bodyTimeout: 30_000});

	constructor(url: string, password: string) {
		this.#url = url;
		this.#authorization = `Basic ${Buffer.from(`admin:${password}`).toString('base64')}`;
	}

	/** Rejects with `ConnectionLost`, and with nothing else: every status is an answer. */
	async call(method: Method, path: string, {headers, body}: Call = {}): Promise<Answer> {
		try {
			const answer = await request(new URL(path, this.#url), {
				method,
				dispatcher: this.#agent,
				headers: {...headers, authorization: this.#authorization},
				body,
			});
			return {
				status: answer.statusCode,
				location: headerOf(answer.headers.location),
				range: headerOf(answer.headers.range),
				retryAfter: secondsOf(headerOf(answer.headers['retry-after'])),
				body: Buffer.from(await answer.body.arrayBuffer()),
			};
		} catch (error) {
			throw new ConnectionLost(error);
		}
	}

	close(): Promise<void> {
		return this.#agent.destroy();
	}
}

function secondsOf(header: string | undefined): number | undefined {
	return header === undefined ? undefined : Number(header);
}

function headerOf(value: string | string[] | undefined): string | undefined {
	return Array.isArray(value) ? value[0] : value;
}
