import {createHash, randomBytes} from 'node:crypto';
import type {Readable} from 'node:stream';
import {Agent, request} from 'undici';
import type {Contender} from './contender.ts';

export const manifestType = 'application/vnd.oci.image.manifest.v1+json';

export function digestOf(bytes: Uint8Array): string {
	return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}

interface Call {
	readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
	readonly headers?: Readonly<Record<string, string>>;
	readonly body?: Buffer | Readable;
	readonly expected: number;
}

/** Pushes what is measured. Every status that is not the expected one is an error. */
export class RegistryClient {
	readonly #contender: Contender;
	readonly #dispatcher = new Agent({bodyTimeout: 0, headersTimeout: 0, connections: 32});

	constructor(contender: Contender) {
		this.#contender = contender;
	}

	/** Gives the `Location` that the answer names, as a whole URL. */
	async call(path: string, {method, headers, body, expected}: Call): Promise<string> {
		const url = new URL(path, this.#contender.url);
		const {authorization} = this.#contender;
		const answer = await request(url, {
			method,
			dispatcher: this.#dispatcher,
			headers: {...headers, ...(authorization !== undefined && {authorization})},
			body,
		});
		const text = await answer.body.text();
		if (answer.statusCode !== expected) {
			throw new Error(`${method} ${url.href}: status ${answer.statusCode} instead of ${expected}: ${text}`);
		}
		return new URL(String(answer.headers.location ?? ''), url).href;
	}

	/** The place of a new upload. */
	startUpload(image: string): Promise<string> {
		return this.call(this.path(image, 'blobs/uploads/'), {method: 'POST', expected: 202});
	}

	finishUpload(location: string, digest: string): Promise<string> {
		const url = new URL(location);
		url.searchParams.set('digest', digest);
		return this.call(url.href, {method: 'PUT', expected: 201});
	}

	async pushBlob(image: string, body: Buffer): Promise<string> {
		const location = await this.startUpload(image);
		const continued = await this.call(location, {method: 'PATCH', body, expected: 202});
		const digest = digestOf(body);
		await this.finishUpload(continued, digest);
		return digest;
	}

	/** An image of about 2 KB of manifest, as real ones have, under the tag `latest`. Gives the manifest. */
	async pushImage(image: string, layers = 8): Promise<Buffer> {
		const config = Buffer.from(
			JSON.stringify({architecture: 'amd64', os: 'linux', id: randomBytes(8).toString('hex')}),
		);
		const layer = randomBytes(512);
		const [configDigest, layerDigest] = [await this.pushBlob(image, config), await this.pushBlob(image, layer)];
		const entry = {mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip', digest: layerDigest, size: layer.length};
		const manifest = {
			schemaVersion: 2,
			mediaType: manifestType,
			config: {mediaType: 'application/vnd.oci.image.config.v1+json', digest: configDigest, size: config.length},
			layers: Array.from({length: layers}, () => entry),
		};
		const bytes = Buffer.from(JSON.stringify(manifest));
		await this.pushManifest(image, 'latest', bytes);
		return bytes;
	}

	async pushManifest(image: string, reference: string, body: Buffer): Promise<void> {
		const headers = {'content-type': manifestType};
		await this.call(this.path(image, `manifests/${reference}`), {method: 'PUT', headers, body, expected: 201});
	}

	async mountBlob(image: string, digest: string, from: string): Promise<void> {
		const query = new URLSearchParams({mount: digest, from: `${this.#contender.prefix}${from}`});
		await this.call(`${this.path(image, 'blobs/uploads/')}?${query.toString()}`, {method: 'POST', expected: 201});
	}

	path(image: string, rest: string): string {
		return `/v2/${this.#contender.prefix}${image}/${rest}`;
	}

	close(): Promise<void> {
		return this.#dispatcher.close();
	}
}
