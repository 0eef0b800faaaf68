import {Pool} from 'undici';
import {Answer} from './answer.ts';
import {ImageClient} from './image-client.ts';

export type RequestMethod = 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'OPTIONS';

export interface RequestOptions {
	/** `undefined` leaves out a header that the client would send by itself. */
	readonly headers?: Readonly<Record<string, string | string[] | undefined>>;
	/** An iterable is sent in chunks and without a `Content-Length`. */
	readonly body?: Buffer | string | AsyncIterable<Buffer>;
}

export interface ClientOptions {
	readonly authorization?: string;
	/** Sent instead of the address connected to. */
	readonly host?: string;
	readonly headers?: Readonly<Record<string, string>>;
	/** PEM of the certificate that is trusted, for HTTPS. */
	readonly ca?: string;
}

function openPool(origin: string, {ca}: ClientOptions): Pool {
	return new Pool(origin, {connections: 64, ...(ca !== undefined && {connect: {ca}})});
}

/** Sends what it is told, with paths as they are: nothing is normalised, followed or tried again. */
export class RegistryClient {
	readonly origin: string;
	readonly options: ClientOptions;
	readonly #pool: Pool;

	constructor(origin: string, options: ClientOptions = {}, pool = openPool(origin, options)) {
		this.origin = origin;
		this.options = options;
		this.#pool = pool;
	}

	/** Somebody else over the same connections; what `options` does not name stays. */
	as(options: ClientOptions): RegistryClient {
		return new RegistryClient(this.origin, {...this.options, ...options}, this.#pool);
	}

	async request(method: RequestMethod, path: string, {headers, body}: RequestOptions = {}): Promise<Answer> {
		const answer = await this.#pool.request({
			method,
			path,
			headers: this.#headers(headers),
			body: body as Buffer,
		});
		return new Answer(answer.statusCode, answer.headers, Buffer.from(await answer.body.arrayBuffer()));
	}

	/**
	 * The path to ask for `location`, which may be relative to `path` or absolute. Throws when it leads to another host than the one that
	 * this client believes to talk to, since clients drop their credentials there.
	 */
	resolve(location: string, path: string): string {
		const base = this.options.host === undefined ? this.origin : `http://${this.options.host}`;
		const url = new URL(location, base + path);
		if (url.origin !== new URL(base).origin) {
			throw new Error(`${location} leads away from ${base}`);
		}
		return url.pathname + url.search;
	}

	image(name: string, base = '/v2/docker-local'): ImageClient {
		return new ImageClient(this, `${base}/${name}`);
	}

	async close(): Promise<void> {
		await this.#pool.destroy();
	}

	#headers(headers: RequestOptions['headers']): Record<string, string | string[]> {
		const {authorization, host} = this.options;
		const all: NonNullable<RequestOptions['headers']> = {authorization, host, ...this.options.headers, ...headers};
		const sent: Record<string, string | string[]> = {};
		for (const [name, value] of Object.entries(all)) {
			if (value !== undefined) {
				sent[name] = value;
			}
		}
		return sent;
	}
}
