import type {ScriptedContent} from './scripted-registry.ts';

export interface PushTarget {
	/** `http://127.0.0.1:<port>`, with the path before `/v2/` if there is any. */
	readonly url: string;
	readonly authorization?: string;
}

export interface PushedImage {
	readonly manifest: ScriptedContent;
	readonly blobs: readonly ScriptedContent[];
}

/** Pushes an image to a registry, as a client does. */
export async function pushImage(
	target: PushTarget,
	image: string,
	{manifest, blobs}: PushedImage,
	tags: readonly string[],
): Promise<void> {
	for (const blob of blobs) {
		await pushBlob(target, image, blob);
	}
	await pushManifest(target, image, manifest, tags);
}

/** Pushes a manifest whose parts are there. */
export async function pushManifest(
	target: PushTarget,
	image: string,
	{bytes, mediaType, digest}: ScriptedContent,
	tags: readonly string[],
): Promise<void> {
	for (const reference of tags.length > 0 ? tags : [digest]) {
		const url = `${target.url}/v2/${image}/manifests/${reference}`;
		await send(target, url, {method: 'PUT', headers: {'content-type': mediaType}, body: new Uint8Array(bytes)}, 201);
	}
}

async function pushBlob(target: PushTarget, image: string, {bytes, digest}: ScriptedContent): Promise<void> {
	const start = await send(target, `${target.url}/v2/${image}/blobs/uploads/`, {method: 'POST'}, 202);
	const url = new URL(start.headers.get('location') ?? '', start.url);
	url.searchParams.set('digest', digest);
	const headers = {'content-type': 'application/octet-stream'};
	await send(target, url.href, {method: 'PUT', headers, body: new Uint8Array(bytes)}, 201);
}

async function send(
	{authorization}: PushTarget,
	url: string,
	request: {method: string; headers?: Record<string, string>; body?: Uint8Array<ArrayBuffer>},
	expected: number,
): Promise<Response> {
	const headers = {...request.headers, ...(authorization !== undefined && {authorization})};
	const answer = await fetch(url, {...request, headers});
	const text = await answer.text();
	if (answer.status !== expected) {
		throw new Error(`${request.method} ${url}: status ${answer.status} instead of ${expected}: ${text}`);
	}
	return answer;
}
