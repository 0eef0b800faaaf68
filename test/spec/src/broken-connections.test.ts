import {once} from 'node:events';
import {type IncomingMessage, request} from 'node:http';
import {setTimeout} from 'node:timers/promises';
import {answered, progressed} from './assertions.ts';
import {randomContent} from './content.ts';
import {octets} from './image-client.ts';
import {specification} from './specification.ts';

const specify = specification();
const mebibyte = 1024 * 1024;

async function* broken(): AsyncGenerator<Buffer> {
	yield Buffer.alloc(50_000);
	await setTimeout(20);
	throw new Error('the client is gone');
}

specify('connections: who leaves in the middle of a blob harms nobody', async (t, {registry, client, image}) => {
	const blob = await image.pushBlob(randomContent(8 * mebibyte));
	const headers = {authorization: client.options.authorization};
	for (let round = 0; round < 8; round++) {
		const sent = request(`${registry.url}${image.base}/blobs/${blob.digest}`, {headers});
		sent.end();
		const [response] = (await once(sent, 'response')) as [IncomingMessage];
		await once(response, 'data');
		sent.destroy();
	}
	t.true((await image.request('GET', `/blobs/${blob.digest}`)).body.equals(blob.bytes));
});

specify('connections: who leaves before he is answered harms nobody', async (t, {registry, client, image}) => {
	await image.pushImage('latest');
	const headers = {authorization: client.options.authorization};
	for (let round = 0; round < 30; round++) {
		const sent = request(`${registry.url}${image.base}/manifests/latest`, {headers});
		sent.on('error', () => {});
		sent.end();
		await setTimeout(round % 3);
		sent.destroy();
	}
	answered(t, await image.request('GET', '/manifests/latest'), 200);
});

specify('connections: a slow reader gets all of a blob', async (t, {registry, client, image}) => {
	const blob = await image.pushBlob(randomContent(2 * mebibyte));
	const headers = {authorization: client.options.authorization};
	const sent = request(`${registry.url}${image.base}/blobs/${blob.digest}`, {headers});
	sent.end();
	const [response] = (await once(sent, 'response')) as [IncomingMessage];
	const pieces: Buffer[] = [];
	for await (const piece of response) {
		pieces.push(piece as Buffer);
		await setTimeout(5);
	}
	t.true(Buffer.concat(pieces).equals(blob.bytes));
});

specify('connections: an upload whose client left can be cancelled, or goes on', async (t, {image}) => {
	const uploads = [await image.startUpload(), await image.startUpload()] as const;
	for (const upload of uploads) {
		await t.throwsAsync(image.client.request('PATCH', upload, {headers: octets, body: broken()}));
	}
	for (let attempt = 0; attempt < 40; attempt++) {
		const answer = await image.client.request('DELETE', uploads[0]);
		if (answer.status === 204) {
			break;
		}
		await setTimeout(50);
	}
	answered(t, await image.client.request('GET', uploads[0]), 404);
	const status = await image.client.request('GET', uploads[1]);
	progressed(t, status, 204, Number(status.need('range').slice(2)) + 1);
});
