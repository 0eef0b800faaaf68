import {randomUUID} from 'node:crypto';
import {type Abortable, type StoredObject, MissingError} from '@stowage/core';
import {isMissing} from './errors.ts';
import type {Answer, Request, Requests} from './requests.ts';

/** Objects: compose, Cloud Storage JSON API: takes no more at a time. */
export const composedAtOnce = 32;

export interface BucketOptions {
	readonly bucket: string;
	readonly userProject?: string;
	readonly storageClass?: string;
	readonly kmsKeyName?: string;
}

interface ObjectResource {
	readonly name: string;
	readonly size: string;
	readonly updated: string;
}

/** The calls of the JSON API that a driver needs, by the names that objects have in one bucket. */
export class Bucket {
	readonly #requests: Requests;
	readonly #options: BucketOptions;

	constructor(requests: Requests, options: BucketOptions) {
		this.#requests = requests;
		this.#options = options;
	}

	get requests(): Requests {
		return this.#requests;
	}

	/** Undefined when there is no such object. */
	async find(name: string, {signal}: Abortable): Promise<Omit<StoredObject, 'key'> | undefined> {
		try {
			const found = await this.#requests.json<ObjectResource>({
				...this.#call('GET', this.#object(name), {fields: 'size,updated'}),
				signal,
			});
			return {size: Number(found?.size), modifiedAt: new Date(found?.updated ?? 0)};
		} catch (error) {
			if (isMissing(error)) {
				return undefined;
			}
			throw error;
		}
	}

	/** `range` as in the header (RFC 9110, section 14.1.2). */
	async read(name: string, range: string | undefined, {signal}: Abortable): Promise<Answer> {
		const headers = range === undefined ? undefined : {range};
		return this.#requests.open({...this.#call('GET', this.#object(name), {alt: 'media'}), headers, signal});
	}

	/** One call that has to be allowed to list. */
	async check(prefix: string, {signal}: Abortable): Promise<void> {
		const query = {prefix, maxResults: 1, fields: 'nextPageToken'};
		await this.#requests.json({...this.#call('GET', this.#objects(), query), signal});
	}

	/** Keys are whole names. */
	async *list(prefix: string, {signal}: Abortable): AsyncIterable<StoredObject> {
		let pageToken: string | undefined;
		do {
			const query = {prefix, pageToken, fields: 'items(name,size,updated),nextPageToken'};
			const page = await this.#requests.json<{items?: ObjectResource[]; nextPageToken?: string}>({
				...this.#call('GET', this.#objects(), query),
				signal,
			});
			for (const {name, size, updated} of page?.items ?? []) {
				signal?.throwIfAborted();
				yield {key: name, size: Number(size), modifiedAt: new Date(updated)};
			}
			pageToken = page?.nextPageToken;
		} while (pageToken !== undefined && pageToken !== '');
	}

	/** Stores bytes that are in memory, in one call (uploadType=multipart). */
	async insert(name: string, bytes: Buffer, {signal}: Abortable): Promise<void> {
		const boundary = randomUUID();
		const resource = JSON.stringify({...this.#resource(), name});
		const body = Buffer.concat([
			Buffer.from(`--${boundary}\r\ncontent-type: application/json; charset=UTF-8\r\n\r\n${resource}\r\n`),
			Buffer.from(`--${boundary}\r\ncontent-type: application/octet-stream\r\n\r\n`),
			bytes,
			Buffer.from(`\r\n--${boundary}--`),
		]);
		await this.#requests.json({
			...this.#call('POST', `/upload${this.#objects()}`, {uploadType: 'multipart', ...this.#encryption('kmsKeyName')}),
			headers: {'content-type': `multipart/related; boundary=${boundary}`},
			body,
			signal,
		});
	}

	/** Begins an upload of unknown size and gives the path of its session. */
	async startSession(name: string, {signal}: Abortable): Promise<string> {
		const query = {uploadType: 'resumable', name, ...this.#encryption('kmsKeyName')};
		const {headers, body} = await this.#requests.open({
			...this.#call('POST', `/upload${this.#objects()}`, query),
			headers: {'content-type': 'application/json', 'x-upload-content-type': 'application/octet-stream'},
			body: JSON.stringify(this.#resource()),
			signal,
		});
		await body.text();
		// Only the path: tokens go to the address that the operator gave, whatever the answer says.
		const {pathname, search} = new URL(String(headers['location']), 'http://any');
		return pathname + search;
	}

	async compose(names: readonly string[], to: string, {signal}: Abortable): Promise<void> {
		const resource = {sourceObjects: names.map(name => ({name})), destination: this.#resource()};
		await this.#requests.json({
			...this.#call('POST', `${this.#object(to)}/compose`, this.#encryption('kmsKeyName')),
			...jsonBody(resource),
			signal,
		});
	}

	/** In one step that is done or not (Objects: move). Rejects as missing too where the service has no such call. */
	async move(from: string, to: string, {signal}: Abortable): Promise<void> {
		const path = `${this.#object(from)}/moveTo/o/${encodeURIComponent(to)}`;
		await this.#requests.json({...this.#call('POST', path), ...jsonBody({}), signal});
	}

	/** Within the service, in as many calls as it needs. `to` is not there before it is whole. */
	async copy(from: string, to: string, {signal}: Abortable): Promise<void> {
		let rewriteToken: string | undefined;
		do {
			const query = {rewriteToken, ...this.#encryption('destinationKmsKeyName')};
			const path = `${this.#object(from)}/rewriteTo${this.#objects().replace('/storage/v1', '')}/${encodeURIComponent(to)}`;
			const state = await this.#requests.json<{done?: boolean; rewriteToken?: string}>({
				...this.#call('POST', path, query),
				...jsonBody(this.#resource()),
				signal,
			});
			rewriteToken = state?.done === true ? undefined : state?.rewriteToken;
			if (state?.done !== true && rewriteToken === undefined) {
				throw new MissingError(`the service did not say how the copy of ${from} goes on`);
			}
		} while (rewriteToken !== undefined);
	}

	/** Resolves too when there was nothing. */
	async delete(name: string, {signal}: Abortable): Promise<void> {
		try {
			await this.#requests.json({...this.#call('DELETE', this.#object(name)), signal});
		} catch (error) {
			if (!isMissing(error)) {
				throw error;
			}
		}
	}

	#objects(): string {
		return `/storage/v1/b/${encodeURIComponent(this.#options.bucket)}/o`;
	}

	#object(name: string): string {
		return `${this.#objects()}/${encodeURIComponent(name)}`;
	}

	#call(method: Request['method'], path: string, query: Request['query'] = {}): Request {
		return {method, path, query: {...query, userProject: this.#options.userProject}};
	}

	/** What new objects are to be, beside their names and bytes. */
	#resource(): {readonly contentType: string; readonly storageClass?: string} {
		return {contentType: 'application/octet-stream', storageClass: this.#options.storageClass};
	}

	#encryption(parameter: string): Readonly<Record<string, string | undefined>> {
		return {[parameter]: this.#options.kmsKeyName};
	}
}

function jsonBody(value: object): Pick<Request, 'headers' | 'body'> {
	return {headers: {'content-type': 'application/json'}, body: JSON.stringify(value)};
}
