import type {Answer} from './answer.ts';
import {type Content, imageManifest, mediaTypes, randomContent} from './content.ts';
import type {RegistryClient, RequestMethod, RequestOptions} from './registry-client.ts';

export interface PushedImage {
	readonly manifest: Content;
	readonly config: Content;
	readonly layer: Content;
}

/** What clients do to one image of a registry. Requests that are only a means to a test throw when they fail. */
export class ImageClient {
	readonly client: RegistryClient;
	/** `/v2/<repository>/<image>`, or another way of addressing it. */
	readonly base: string;

	constructor(client: RegistryClient, base: string) {
		this.client = client;
		this.base = base;
	}

	/** The name in paths, errors and `from`: without `/v2/`. */
	get name(): string {
		return this.base.slice(this.base.indexOf('/v2/') + 4);
	}

	request(method: RequestMethod, path: string, options?: RequestOptions): Promise<Answer> {
		return this.client.request(method, this.base + path, options);
	}

	/** The path of `location` as a client would ask for it after a request for `path` of this image. */
	resolve(answer: Answer, path = '/blobs/uploads/'): string {
		return this.client.resolve(answer.need('location'), this.base + path);
	}

	/** Path of a new upload. */
	async startUpload(query = ''): Promise<string> {
		const answer = expect(await this.request('POST', `/blobs/uploads/${query}`), 202);
		return this.resolve(answer);
	}

	/** Sends bytes to an upload; resolves to where the next go. */
	async append(upload: string, bytes: Buffer): Promise<string> {
		const answer = expect(await this.client.request('PATCH', upload, {headers: octets, body: bytes}), 202);
		return this.client.resolve(answer.need('location'), upload);
	}

	finish(upload: string, digest: string, body?: RequestOptions['body'], headers: RequestOptions['headers'] = octets) {
		return this.client.request('PUT', withQuery(upload, `digest=${digest}`), {headers, body});
	}

	async pushBlob(blob: Content): Promise<Content> {
		expect(await this.finish(await this.startUpload(), blob.digest, blob.bytes), 201);
		return blob;
	}

	/** By digest when `reference` is left out. */
	putManifest(manifest: Content, reference: string = manifest.digest, headers: RequestOptions['headers'] = {}) {
		return this.request('PUT', `/manifests/${reference}`, {
			headers: {'content-type': manifest.mediaType, ...headers},
			body: manifest.bytes,
		});
	}

	async pushManifest(manifest: Content, reference?: string): Promise<Content> {
		expect(await this.putManifest(manifest, reference), 201);
		return manifest;
	}

	/** A small image that nothing else in the world has; `more` goes into its manifest. */
	async pushImage(reference?: string, more?: object): Promise<PushedImage> {
		const config = {...randomContent(64), mediaType: mediaTypes.config};
		const layer = randomContent(128);
		await Promise.all([this.pushBlob(config), this.pushBlob(layer)]);
		const described = {...config, descriptor: {...config.descriptor, mediaType: mediaTypes.config}};
		const manifest = imageManifest({config: described, layers: [layer], more});
		await this.pushManifest(manifest, reference);
		return {manifest, config: described, layer};
	}
}

export const octets = {'content-type': 'application/octet-stream'};

/** Upload locations may have a query of their own. */
export function withQuery(path: string, query: string): string {
	return `${path}${path.includes('?') ? '&' : '?'}${query}`;
}

/** Returns the answer, and throws with all that it says when it has another status. */
export function expect(answer: Answer, ...statuses: readonly number[]): Answer {
	if (!statuses.includes(answer.status)) {
		throw new Error(
			`answered ${answer.status} instead of ${statuses.join(' or ')}: ${answer.body.toString().slice(0, 500)}`,
		);
	}
	return answer;
}
