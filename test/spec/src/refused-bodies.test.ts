import {once} from 'node:events';
import {type ClientRequest, type IncomingMessage, request} from 'node:http';
import {answered, refused} from './assertions.ts';
import {randomContent} from './content.ts';
import {octets} from './image-client.ts';
import {specification} from './specification.ts';

const specify = specification();
const mebibyte = 1024 * 1024;

async function* pieces(bytes: Buffer): AsyncGenerator<Buffer> {
	for (let at = 0; at < bytes.length; at += 65_536) {
		yield bytes.subarray(at, at + 65_536);
	}
}

specify(
	'bodies: who streams a layer without signing in is told so, and not just cut off',
	async (t, {client, image}) => {
		const upload = await image.startUpload();
		const stranger = client.as({authorization: undefined});
		for (let round = 0; round < 3; round++) {
			const body = pieces(randomContent(4 * mebibyte).bytes);
			refused(t, await stranger.request('PATCH', upload, {headers: octets, body}), 401, 'UNAUTHORIZED');
		}
	},
);

specify('bodies: who streams a layer to an upload that is gone is told so', async (t, {client, image}) => {
	const upload = await image.startUpload();
	answered(t, await client.request('DELETE', upload), 204);
	const body = pieces(randomContent(4 * mebibyte).bytes);
	refused(t, await client.request('PATCH', upload, {headers: octets, body}), 404, 'BLOB_UPLOAD_UNKNOWN');
});

/** A request that waits for `100 Continue`, with what it was told first. */
async function waiting(
	url: string,
	headers: Record<string, string>,
): Promise<{sent: ClientRequest; told: 'continue' | IncomingMessage}> {
	const sent = request(url, {method: 'PUT', headers: {...headers, expect: '100-continue'}});
	sent.flushHeaders();
	const told = await Promise.race([
		once(sent, 'continue').then(() => 'continue' as const),
		once(sent, 'response').then(([response]) => response as IncomingMessage),
	]);
	return {sent, told};
}

specify('bodies: who waits before sending is told to go on', async (t, {registry, client, image}) => {
	const blob = randomContent(100_000);
	const url = `${registry.url}${await image.startUpload()}?digest=${blob.digest}`;
	const authorization = client.options.authorization ?? '';
	const {sent, told} = await waiting(url, {authorization, 'content-length': '100000'});
	t.is(told, 'continue');
	sent.end(blob.bytes);
	const [response] = (await once(sent, 'response')) as [IncomingMessage];
	response.resume();
	t.is(response.statusCode, 201);
});

specify(
	'bodies: who waits before sending and may not is told so before a byte is sent',
	async (t, {registry, image}) => {
		const url = `${registry.url}${await image.startUpload()}?digest=${randomContent().digest}`;
		const {sent, told} = await waiting(url, {'content-length': '100000'});
		t.not(told, 'continue');
		t.is((told as IncomingMessage).statusCode, 401);
		sent.destroy();
	},
);

specify('bodies: a connection goes on after a refusal', async (t, {client, image}) => {
	await image.pushImage('latest');
	const stranger = client.as({authorization: undefined});
	for (let round = 0; round < 20; round++) {
		refused(t, await stranger.request('PUT', `${image.base}/manifests/latest`, {body: '{}'}), 401, 'UNAUTHORIZED');
		answered(t, await image.request('HEAD', '/manifests/latest'), 200);
	}
});
