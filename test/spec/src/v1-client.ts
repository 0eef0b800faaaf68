import {createHash, randomBytes} from 'node:crypto';
import type {Answer} from './answer.ts';
import type {RegistryClient, RequestMethod, RequestOptions} from './registry-client.ts';

/** One image of the first API: a layer, and what it says of itself. */
export interface V1ImageFixture {
	readonly id: string;
	readonly parent?: string;
	readonly json: Buffer;
	readonly layer: Buffer;
	/** `sha256:` of the JSON, a line feed and the layer. */
	readonly checksum: string;
}

export function v1Image({
	id = randomBytes(32).toString('hex'),
	parent,
	layer = randomBytes(1000),
	more = {},
}: {id?: string; parent?: string; layer?: Buffer; more?: object} = {}): V1ImageFixture {
	const json = Buffer.from(JSON.stringify({id, parent, created: '2013-10-01T12:00:00Z', os: 'linux', ...more}));
	const checksum = `sha256:${createHash('sha256').update(json).update('\n').update(layer).digest('hex')}`;
	return {id, parent, json, layer, checksum};
}

/** Several, each made of the one before; the base comes first. */
export function v1Images(count: number): readonly V1ImageFixture[] {
	const images: V1ImageFixture[] = [];
	for (let made = 0; made < count; made += 1) {
		images.push(v1Image({parent: images.at(-1)?.id}));
	}
	return images;
}

/** Calls the first API as engines did, below `base`: `/v1` at a bound host, or the path of a repository. */
export class V1Client {
	readonly client: RegistryClient;
	readonly base: string;

	constructor(client: RegistryClient, base: string) {
		this.client = client;
		this.base = base;
	}

	/** Shows the token that an index gave as engines do: with `Token` before it, though it begins with that. */
	withToken(answer: Answer): V1Client {
		const authorization = `Token ${answer.need('x-docker-token')}`;
		return new V1Client(this.client.as({authorization}), this.base);
	}

	/** Shows this and nothing else. */
	as(authorization: string): V1Client {
		return new V1Client(this.client.as({authorization}), this.base);
	}

	/** Shows nothing but the cookie that came with an answer. */
	withCookie(answer: Answer): V1Client {
		const cookie = answer.need('set-cookie').split(';', 1)[0] ?? '';
		return new V1Client(this.client.as({authorization: undefined, headers: {cookie}}), this.base);
	}

	request(method: RequestMethod, path: string, options?: RequestOptions): Promise<Answer> {
		return this.client.request(method, this.base + path, options);
	}

	putJson(path: string, value: unknown, headers: RequestOptions['headers'] = {}): Promise<Answer> {
		const body = JSON.stringify(value);
		return this.request('PUT', path, {body, headers: {'content-type': 'application/json', ...headers}});
	}

	/** The first call of a push, to the index. */
	startPush(name: string, images: readonly V1ImageFixture[], tag = 'latest'): Promise<Answer> {
		const last = images.at(-1);
		const list = images.map(({id}) => (id === last?.id ? {id, Tag: tag} : {id}));
		return this.putJson(`/repositories/${name}/`, list, {'x-docker-token': 'true'});
	}

	putImageJson({id, json}: Pick<V1ImageFixture, 'id' | 'json'>): Promise<Answer> {
		return this.request('PUT', `/images/${id}/json`, {body: json});
	}

	putLayer({id, layer}: Pick<V1ImageFixture, 'id' | 'layer'>): Promise<Answer> {
		const headers = {'content-type': 'application/octet-stream', 'transfer-encoding': undefined};
		return this.request('PUT', `/images/${id}/layer`, {body: chunks(layer), headers});
	}

	putChecksum({id, checksum}: Pick<V1ImageFixture, 'id' | 'checksum'>): Promise<Answer> {
		return this.request('PUT', `/images/${id}/checksum`, {headers: {'x-docker-checksum-payload': checksum}, body: ''});
	}

	putTag(name: string, tag: string, id: string): Promise<Answer> {
		return this.putJson(`/repositories/${name}/tags/${tag}`, id);
	}

	/** As an engine pushes an image whose layers are not known there. Throws at the first answer that an engine would fail at. */
	async push(name: string, images: readonly V1ImageFixture[], tag = 'latest'): Promise<void> {
		const started = expect(await this.startPush(name, images, tag), 200, 201);
		const registry = this.withToken(started);
		for (const image of images) {
			const known = await registry.request('GET', `/images/${image.id}/json`);
			if (known.status !== 200) {
				expect(await registry.putImageJson(image), 200);
				expect(await registry.putLayer(image), 200);
				expect(await registry.putChecksum(image), 200);
			}
		}
		expect(await registry.putTag(name, tag, images.at(-1)?.id ?? ''), 200, 201);
		const list = images.map(({id, checksum}) => ({id, checksum}));
		expect(await this.putJson(`/repositories/${name}/images`, list, {'x-docker-endpoints': 'x'}), 204);
	}

	/** As an engine pulls: JSON and layer of each image, the base first. */
	async pull(name: string, tag = 'latest'): Promise<readonly Pick<V1ImageFixture, 'id' | 'json' | 'layer'>[]> {
		const headers = {'x-docker-token': 'true'};
		const registry = this.withToken(expect(await this.request('GET', `/repositories/${name}/images`, {headers}), 200));
		const id = expect(await registry.request('GET', `/repositories/${name}/tags/${tag}`), 200).json<string>();
		const ancestry = expect(await registry.request('GET', `/images/${id}/ancestry`), 200).json<string[]>();
		const images = ancestry.toReversed().map(async id => ({
			id,
			json: expect(await registry.request('GET', `/images/${id}/json`), 200).body,
			layer: expect(await registry.request('GET', `/images/${id}/layer`), 200).body,
		}));
		return Promise.all(images);
	}
}

function expect(answer: Answer, ...statuses: number[]): Answer {
	if (!statuses.includes(answer.status)) {
		throw new Error(`answered ${answer.status}: ${answer.body.toString().slice(0, 300)}`);
	}
	return answer;
}

async function* chunks(bytes: Buffer): AsyncGenerator<Buffer> {
	for (let at = 0; at < bytes.length; at += 16_384) {
		yield bytes.subarray(at, at + 16_384);
	}
}
