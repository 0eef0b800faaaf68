import {content, mediaTypes} from '../content.ts';
import {specification} from '../specification.ts';
import {withToken} from '../token.ts';

const specify = specification();

/** Other spellings of `/v2/docker-local/<secret>/manifests/latest`, each as an attacker would send it. */
function spellings(secret: string, own: string): readonly string[] {
	const [first = '', second = ''] = secret.split('/');
	return [
		`/v2/docker-local/${own}/../../${secret}/manifests/latest`,
		`/v2/docker-local/${own}/%2e%2e/%2e%2e/${secret}/manifests/latest`,
		`/v2/docker-local/${own}/..%2f..%2f${first}%2f${second}/manifests/latest`,
		`/v2/docker-local//${secret}/manifests/latest`,
		`//v2/docker-local/${secret}/manifests/latest`,
		`/v2//docker-local/${secret}/manifests/latest`,
		`/v2/./docker-local/${secret}/manifests/latest`,
		`/V2/docker-local/${secret}/manifests/latest`,
		`/v2/DOCKER-LOCAL/${secret}/manifests/latest`,
		`/v2/docker-local/${secret.toUpperCase()}/manifests/latest`,
		`/v2/docker-local/${first}%2F${second}/manifests/latest`,
		`/v2/docker-local%2F${first}%2F${second}/manifests/latest`,
		`/v2/docker-local/${secret};a=b/manifests/latest`,
		`/v2;a=b/docker-local/${secret}/manifests/latest`,
		`/v2/docker-local/${secret}%00/manifests/latest`,
		`/v2/docker-local/${secret}/manifests/latest/`,
		`/v2/docker-local/${secret}/manifests/latest%00`,
		`/v2/docker-local/${secret}/manifests/latest?from=${own}`,
		`/v2/docker-local/${own}/manifests/latest/../../../${secret}/manifests/latest`,
		`/v2/docker-local/${secret}/manifests%2Flatest`,
		`/%76%32/docker-local/${secret}/manifests/latest`,
		`/v2\\docker-local\\${first}\\${second}\\manifests\\latest`,
		`/api/docker/docker-local/v2/../../../../v2/docker-local/${secret}/manifests/latest`,
		`/api/docker/null/v2/docker-local/${secret}/manifests/latest`,
		`/artifactory/../v2/docker-local/${secret}/manifests/latest`,
	];
}

specify('T26: no other spelling of a path opens what the path does not', async (t, {client, image, newImage}) => {
	const secret = await image.pushImage('latest');
	const own = newImage();
	await own.pushImage('latest');
	const bearer = await withToken(client, `repository:${own.name}:pull,push,delete`);
	const key = 'docker-local/';
	for (const path of spellings(image.name.slice(key.length), own.name.slice(key.length))) {
		for (const spoken of [bearer, client.as({authorization: undefined})]) {
			const answer = await spoken.request('GET', path);
			t.true(answer.status >= 300 && answer.status < 500, `${path} ${answer.status}`);
			t.false(answer.body.includes(secret.layer.digest), path);
		}
	}
});

specify('T26: other spellings of a path mean the same image, or none', async (t, {client, image}) => {
	const secret = await image.pushImage('latest');
	for (const path of spellings(image.name.slice('docker-local/'.length), 'x/y')) {
		const answer = await client.request('GET', path);
		t.true(answer.status < 500, `${path} ${answer.status}`);
		if (answer.status === 200) {
			t.is(answer.header('docker-content-digest'), secret.manifest.digest, path);
		}
	}
});

specify('T26: a scope is no pattern', async (t, {client, image}) => {
	await image.pushImage('latest');
	const short = image.name.slice(0, -1);
	for (const name of [
		'*',
		'docker-local/*',
		'docker-local/**',
		`${short}*`,
		`${short}?`,
		`${short}_`,
		short,
		`${image.name}x`,
		`${image.name}/`,
		image.name.toUpperCase(),
		`./${image.name}`,
	]) {
		const scope = `repository:${name}:pull`;
		const answer = await client.request('GET', `/v2/token?service=s&scope=${encodeURIComponent(scope)}`);
		if (answer.status === 200) {
			const bearer = client.as({authorization: `Bearer ${answer.json<{token: string}>().token}`});
			const read = await bearer.request('GET', `${image.base}/manifests/latest`);
			t.true([401, 403].includes(read.status), `${name} ${read.status}`);
		} else {
			t.is(answer.status, 400, name);
		}
	}
});

specify(
	'T26: rights are asked of the image in the path, not of one in the query or the body',
	async (t, {client, image, newImage}) => {
		const secret = await image.pushImage('latest');
		const own = newImage();
		const bearer = await withToken(client, `repository:${own.name}:pull,push`);
		const headers = {
			'content-type': mediaTypes.image,
			'x-original-url': own.base,
			'x-rewrite-url': own.base,
			'x-http-method-override': 'GET',
		};
		const path = `${image.base}/manifests/latest?name=${own.name}&image=${own.name}&repository=docker-local`;
		for (const method of ['GET', 'PUT', 'DELETE'] as const) {
			const body = method === 'PUT' ? content(secret.manifest.bytes).bytes : undefined;
			t.true([401, 403].includes((await bearer.request(method, path, {headers, body})).status), method);
		}
	},
);
