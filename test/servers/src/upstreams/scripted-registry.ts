import {once} from 'node:events';
import {type IncomingMessage, type RequestListener, type ServerResponse, createServer} from 'node:http';
import type {AddressInfo} from 'node:net';

/** Something that the registry has, as its digest or its tag names it. */
export interface ScriptedContent {
	readonly bytes: Buffer;
	readonly mediaType: string;
	readonly digest: string;
}

export interface SeenRequest {
	readonly method: string;
	/** Path and query. */
	readonly url: string;
	readonly headers: IncomingMessage['headers'];
}

interface Script {
	readonly pattern: RegExp;
	readonly listener: RequestListener;
	left: number;
}

/** A registry on 127.0.0.1 that answers as it should, save where a test has told it how else, and remembers what it was asked. */
export class ScriptedRegistry {
	readonly url: string;
	readonly port: number;
	readonly requests: SeenRequest[] = [];
	readonly #server: ReturnType<typeof createServer>;
	readonly #contents = new Map<string, ScriptedContent>();
	#scripts: Script[] = [];

	private constructor(server: ReturnType<typeof createServer>) {
		this.#server = server;
		this.port = (server.address() as AddressInfo).port;
		this.url = `http://127.0.0.1:${this.port}`;
	}

	static async start(): Promise<ScriptedRegistry> {
		const server = createServer().listen(0, '127.0.0.1');
		await once(server, 'listening');
		const registry = new ScriptedRegistry(server);
		server.on('request', (request, response) => registry.answer(request, response));
		return registry;
	}

	/** Has a manifest under its digest and `tags`. */
	putManifest(image: string, content: ScriptedContent, tags: readonly string[] = []): void {
		for (const reference of [content.digest, ...tags]) {
			this.#contents.set(`/v2/${image}/manifests/${reference}`, content);
		}
	}

	putBlob(image: string, content: ScriptedContent): void {
		this.#contents.set(`/v2/${image}/blobs/${content.digest}`, content);
	}

	/** Has an image with all its blobs. */
	putImage(
		image: string,
		{manifest, blobs}: {readonly manifest: ScriptedContent; readonly blobs: readonly ScriptedContent[]},
		tags: readonly string[] = [],
	): void {
		this.putManifest(image, manifest, tags);
		for (const blob of blobs) {
			this.putBlob(image, blob);
		}
	}

	/** Whether something is at a path of the protocol. */
	has(path: string): boolean {
		return this.#contents.has(path.split('?', 1)[0] ?? '');
	}

	/** What is at a path of the protocol is not there any more. */
	remove(path: string): void {
		this.#contents.delete(path);
	}

	/** Has the next `times` requests answered so whose method and path with query, as in `GET /v2/`, fit the pattern. */
	script(pattern: RegExp, listener: RequestListener, times = Infinity): void {
		this.#scripts.unshift({pattern, listener, left: times});
	}

	/** Answers as it should from now on. */
	unscript(): void {
		this.#scripts = [];
	}

	/** How many requests fit the pattern so far. */
	count(pattern: RegExp): number {
		return this.requests.filter(({method, url}) => pattern.test(`${method} ${url}`)).length;
	}

	answer(request: IncomingMessage, response: ServerResponse): void {
		const {method = '', url = '', headers} = request;
		this.requests.push({method, url, headers});
		const script = this.#scripts.find(({pattern, left}) => left > 0 && pattern.test(`${method} ${url}`));
		if (script !== undefined) {
			script.left -= 1;
			script.listener(request, response);
			return;
		}
		this.answerRightly(request, response);
	}

	/** For scripts that change only a part of it. */
	answerRightly({method, url = '', headers}: IncomingMessage, response: ServerResponse): void {
		const content = this.#contents.get(url.split('?', 1)[0] ?? '');
		if (content === undefined) {
			const code = url.includes('/manifests/') ? 'MANIFEST_UNKNOWN' : 'BLOB_UNKNOWN';
			response.writeHead(404, {'content-type': 'application/json'}).end(JSON.stringify({errors: [{code}]}));
			return;
		}
		const {bytes, mediaType, digest} = content;
		const [, from, to] = /^bytes=(\d+)-(\d*)$/.exec(headers.range ?? '') ?? [];
		const [start, end] = [Number(from ?? 0), to ? Number(to) + 1 : bytes.length];
		response.writeHead(from === undefined ? 200 : 206, {
			'content-type': url.includes('/blobs/') ? 'application/octet-stream' : mediaType,
			'content-length': end - start,
			'docker-content-digest': digest,
			...(from !== undefined && {'content-range': `bytes ${start}-${end - 1}/${bytes.length}`}),
		});
		response.end(method === 'HEAD' ? undefined : bytes.subarray(start, end));
	}

	/** Cuts all connections. */
	cut(): void {
		this.#server.closeAllConnections();
	}

	/** May be called again. */
	async stop(): Promise<void> {
		if (!this.#server.listening) {
			return;
		}
		const closed = once(this.#server, 'close');
		this.#server.close();
		this.#server.closeAllConnections();
		await closed;
	}
}
