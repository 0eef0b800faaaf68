import {setTimeout} from 'node:timers/promises';
import {addUser} from '../add-user.ts';
import {answered, refused} from '../assertions.ts';
import {attempts, bodyFor} from '../attempts.ts';
import {randomContent} from '../content.ts';
import {octets} from '../image-client.ts';
import {specification} from '../specification.ts';
import {askToken, type TokenBody} from '../token.ts';

const specify = specification();
const open = specification({anonymousRead: true});

specify('T20: who signs in and has no rights is known, and refused everything of an image', async (t, world) => {
	const {client} = await addUser(world.registry);
	answered(t, await client.request('GET', '/v2/'), 200);
	for (const {method, path} of await attempts(world)) {
		const answer = await client.request(method, path, bodyFor(method));
		t.is(answer.status, 403, `${method} ${path}`);
		t.true(method === 'HEAD' || answer.errors()[0]?.code === 'DENIED', path);
	}
	answered(t, await world.image.request('HEAD', '/manifests/latest'), 200);
});

specify(
	'T20: who has no rights cannot tell what is there from what is not',
	async (t, {registry, client, image, newImage}) => {
		const user = await addUser(registry);
		const {manifest, layer} = await image.pushImage('latest');
		const missing = newImage();
		for (const [there, nowhere] of [
			[`${image.base}/manifests/latest`, `${missing.base}/manifests/latest`],
			[`${image.base}/manifests/${manifest.digest}`, `${image.base}/manifests/${randomContent().digest}`],
			[`${image.base}/blobs/${layer.digest}`, `${image.base}/blobs/${randomContent().digest}`],
			[`${image.base}/tags/list`, `${missing.base}/tags/list`],
			[await image.startUpload(), `${image.base}/blobs/uploads/0b3f9b0e-3b1a-4d7e-9c5f-000000000000`],
		] as const) {
			const [one, other] = [await user.client.request('GET', there), await user.client.request('GET', nowhere)];
			t.is(one.status, other.status, there);
			t.deepEqual(
				one.errors().map(({code, message}) => [code, message.replaceAll(image.name, '')]),
				other
					.errors()
					.map(({code, message}) => [code, message.replaceAll(missing.name, '').replaceAll(image.name, '')]),
			);
		}
		answered(t, await client.request('GET', '/v2/'), 200);
	},
);

specify('T20: the catalog of who has no rights is empty', async (t, {registry, image}) => {
	const {client} = await addUser(registry);
	await image.pushImage('latest');
	for (const path of ['/v2/_catalog', '/v2/_catalog?n=1000', '/api/docker/docker-local/v2/_catalog']) {
		const answer = await client.request('GET', path);
		if (answer.status === 200) {
			t.deepEqual(answer.json(), {repositories: []});
		} else {
			refused(t, answer, [401, 403], 'UNAUTHORIZED', 'DENIED');
		}
	}
});

specify('T20: what only administrators see is refused to who is none', async (t, {registry, client}) => {
	const user = await addUser(registry);
	t.is((await user.client.request('GET', '/metrics')).status, 403);
	answered(t, await client.request('GET', '/metrics'), 200);
});

specify('T20: a token gives nobody more than he has', async (t, {registry, image}) => {
	const {client} = await addUser(registry);
	await image.pushImage('latest');
	const scope = [`repository:${image.name}:pull,push,delete`, `repository:${image.name}:*`, 'registry:catalog:*'];
	const answer = await askToken(client, '/v2/token', {service: 's', scope});
	answered(t, answer, 200);
	const bearer = client.as({authorization: `Bearer ${answer.json<TokenBody>().token}`});
	for (const [method, path] of [
		['GET', '/manifests/latest'],
		['POST', '/blobs/uploads/'],
		['DELETE', '/manifests/latest'],
	] as const) {
		refused(t, await bearer.request(method, image.base + path), [401, 403], 'DENIED', 'UNAUTHORIZED');
	}
	const catalog = await bearer.request('GET', '/v2/_catalog');
	t.false(catalog.body.includes(image.name));
});

open('T20: where everybody may read, who signs in reads too, and changes nothing', async (t, world) => {
	const {client} = await addUser(world.registry);
	for (const {method, path, reads} of await attempts(world)) {
		const answer = await client.request(method, path, bodyFor(method));
		t.is(answer.status, reads ? 200 : 403, `${method} ${path}`);
	}
	answered(t, await world.image.request('HEAD', '/manifests/latest'), 200);
});

open('T23: an upload of somebody else is nothing to who may only read', async (t, {registry, image}) => {
	const {client} = await addUser(registry);
	const blob = randomContent();
	const upload = await image.append(await image.startUpload(), blob.bytes);
	for (const method of ['GET', 'PATCH', 'DELETE'] as const) {
		const body = method === 'PATCH' ? 'bytes' : undefined;
		refused(
			t,
			await client.request(method, upload, {headers: octets, body}),
			[403, 404],
			'DENIED',
			'BLOB_UPLOAD_UNKNOWN',
		);
	}
	answered(t, await image.finish(upload, blob.digest), 201);
});

open('T30: a user who was disabled is refused within five seconds, with his tokens', async (t, {registry, image}) => {
	const user = await addUser(registry);
	await image.pushImage('latest');
	const scope = `repository:${image.name}:pull`;
	const {token} = (await askToken(user.client, '/v2/token', {service: 's', scope})).json<TokenBody>();
	const bearer = user.client.as({authorization: `Bearer ${token}`});
	answered(t, await bearer.request('GET', `${image.base}/manifests/latest`), 200);
	await user.disable();
	await setTimeout(5100);
	for (const spoken of [bearer, user.client]) {
		refused(t, await spoken.request('GET', `${image.base}/manifests/latest`), 401, 'UNAUTHORIZED');
	}
});
