import {answered, refused} from './assertions.ts';
import {basicAuthorization} from './basic-authorization.ts';
import {octets} from './image-client.ts';
import {specification} from './specification.ts';
import {type TokenBody, askToken} from './token.ts';

const open = specification({anonymousRead: true});

open('anonymous read: everything can be read by who does not sign in', async (t, {client, image}) => {
	const {manifest, layer} = await image.pushImage('latest');
	const stranger = client.as({authorization: undefined});
	const paths = [
		'/manifests/latest',
		`/manifests/${manifest.digest}`,
		`/blobs/${layer.digest}`,
		'/tags/list',
		`/referrers/${manifest.digest}`,
	];
	for (const path of paths) {
		answered(t, await stranger.request('GET', image.base + path), 200);
		answered(t, await stranger.request('HEAD', image.base + path), 200);
	}
	t.true([200, 401].includes((await stranger.request('GET', '/v2/')).status));
});

open('anonymous read: nothing can be changed by who does not sign in', async (t, {client, image}) => {
	const {manifest, layer} = await image.pushImage('latest');
	const upload = await image.startUpload();
	const stranger = client.as({authorization: undefined});
	const attempts = [
		['POST', `${image.base}/blobs/uploads/`],
		['POST', `${image.base}/blobs/uploads/?mount=${layer.digest}&from=${image.name}`],
		['PATCH', upload],
		['PUT', `${upload}?digest=${layer.digest}`],
		['GET', upload],
		['DELETE', upload],
		['PUT', `${image.base}/manifests/latest`],
		['DELETE', `${image.base}/manifests/latest`],
		['DELETE', `${image.base}/manifests/${manifest.digest}`],
		['DELETE', `${image.base}/blobs/${layer.digest}`],
	] as const;
	for (const [method, path] of attempts) {
		const body = method === 'PATCH' || method === 'PUT' ? 'bytes' : undefined;
		refused(t, await stranger.request(method, path, {headers: octets, body}), 401, 'UNAUTHORIZED');
	}
	answered(t, await image.request('HEAD', '/manifests/latest'), 200);
	answered(t, await image.client.request('GET', upload), 204);
});

open('anonymous read: a token can be had without a password, and only reads', async (t, {client, image}) => {
	await image.pushImage('latest');
	const stranger = client.as({authorization: undefined});
	const scope = `repository:${image.name}:pull,push`;
	const answer = await askToken(stranger, '/v2/token', {service: 'registry', scope});
	answered(t, answer, 200);
	const bearer = client.as({authorization: `Bearer ${answer.json<TokenBody>().token}`});
	answered(t, await bearer.request('GET', `${image.base}/manifests/latest`), 200);
	const push = await bearer.request('POST', `${image.base}/blobs/uploads/`);
	refused(t, push, 401, 'UNAUTHORIZED', 'DENIED');
});

open('anonymous read: a wrong password is not taken for none', async (t, {client, image}) => {
	await image.pushImage('latest');
	const authorization = basicAuthorization('somebody', 'wrong');
	refused(t, await client.as({authorization}).request('GET', `${image.base}/manifests/latest`), 401, 'UNAUTHORIZED');
	const bearer = client.as({authorization: 'Bearer nonsense'});
	refused(t, await bearer.request('GET', `${image.base}/manifests/latest`), 401, 'UNAUTHORIZED');
});
