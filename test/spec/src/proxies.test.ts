import {answered, refused} from './assertions.ts';
import {parseChallenge} from './challenge.ts';
import type {Answer} from './answer.ts';
import {indexManifest} from './content.ts';
import type {ImageClient} from './image-client.ts';
import {specification} from './specification.ts';

const trusting = specification({
	trustedProxies: ['127.0.0.0/8', '::1/128'],
	bindings: [{host: 'docker.example', repositories: {v2: 'docker-local'}}],
});
const suspicious = specification({
	bindings: [{host: 'docker.example', repositories: {v2: 'docker-local'}}],
});
const based = specification({baseUrl: 'https://public.example:8443'});

/** Everything in which the registry tells a client where to go. */
async function directions(image: ImageClient, headers: Record<string, string>): Promise<readonly string[]> {
	const manifest = indexManifest([]);
	await image.pushManifest(manifest, 'a');
	await image.pushManifest(manifest, 'b');
	const start = await image.request('POST', '/blobs/uploads/', {headers});
	const put = await image.putManifest(manifest, 'c', headers);
	const list = await image.request('GET', '/tags/list?n=1', {headers});
	return [start.need('location'), put.need('location'), list.next() ?? 'no next page'];
}

async function realm(image: ImageClient, headers: Record<string, string>): Promise<URL> {
	const stranger = image.client.as({authorization: undefined});
	const answer: Answer = await stranger.request('GET', `${image.base}/manifests/latest`, {headers});
	return new URL(parseChallenge(answer.need('www-authenticate')).realm);
}

trusting('proxies: a trusted one says by what scheme, host and port the client came', async (t, {image}) => {
	const headers = {'x-forwarded-proto': 'https', 'x-forwarded-host': 'outside.example:8443'};
	for (const direction of await directions(image, headers)) {
		const url = new URL(direction, 'https://outside.example:8443');
		t.is(url.origin, 'https://outside.example:8443', direction);
		t.true(url.pathname.startsWith(image.base), direction);
	}
	t.is((await realm(image, headers)).href, 'https://outside.example:8443/v2/token');
});

trusting('proxies: a port that is not in the host is taken from its own header', async (t, {image}) => {
	const headers = {'x-forwarded-proto': 'https', 'x-forwarded-host': 'outside.example', 'x-forwarded-port': '8443'};
	t.is((await realm(image, headers)).origin, 'https://outside.example:8443');
	const usual = {...headers, 'x-forwarded-port': '443'};
	t.is((await realm(image, usual)).origin, 'https://outside.example');
});

trusting('proxies: the scheme alone makes everything lead to https', async (t, {image}) => {
	const url = await realm(image, {'x-forwarded-proto': 'https', host: 'outside.example'});
	t.is(url.origin, 'https://outside.example');
});

trusting(
	'proxies: a trusted one chooses the repository by the host that the client asked',
	async (t, {client, image}) => {
		await image.pushImage('latest');
		const name = image.base.slice('/v2/docker-local/'.length);
		const headers = {'x-forwarded-host': 'docker.example', 'x-forwarded-proto': 'https'};
		answered(t, await client.request('GET', `/v2/${name}/manifests/latest`, {headers}), 200);
	},
);

trusting("proxies: the base that JFrog's header names is where everything leads to", async (t, {image}) => {
	const headers = {'x-jfrog-override-base-url': 'https://art.example/artifactory'};
	const url = await realm(image, headers);
	t.is(url.origin, 'https://art.example');
	t.true(url.pathname.endsWith('/v2/token'), url.pathname);
	for (const direction of await directions(image, headers)) {
		t.is(new URL(direction, 'https://art.example').origin, 'https://art.example', direction);
	}
});

trusting('proxies: headers that make no sense are no harm', async (t, {image}) => {
	const nonsense: readonly Record<string, string>[] = [
		{'x-forwarded-host': 'a b"c', 'x-forwarded-proto': 'javascript'},
		{'x-forwarded-host': '', 'x-forwarded-proto': ''},
		{'x-forwarded-port': '99999999', 'x-forwarded-host': 'x.example'},
		{'x-jfrog-override-base-url': 'not a url'},
		{'x-jfrog-override-base-url': 'javascript:alert(1)'},
		{'x-forwarded-for': 'nonsense, , 1.2.3'},
	];
	for (const headers of nonsense) {
		const answer = await image.client
			.as({authorization: undefined})
			.request('GET', `${image.base}/manifests/latest`, {headers});
		t.true([400, 401].includes(answer.status), `${JSON.stringify(headers)} ${answer.status}`);
		const challenge = answer.header('www-authenticate');
		if (challenge !== undefined) {
			t.regex(parseChallenge(challenge).realm, /^https?:\/\/[a-z0-9.:-]+\//, JSON.stringify(headers));
		}
	}
});

suspicious('proxies: who is not trusted cannot say where clients are sent', async (t, {registry, image}) => {
	const lies = {
		'x-forwarded-host': 'evil.example',
		'x-forwarded-proto': 'https',
		'x-forwarded-port': '666',
		'x-jfrog-override-base-url': 'https://evil.example/artifactory',
		forwarded: 'host=evil.example;proto=https',
	};
	for (const direction of await directions(image, lies)) {
		t.is(new URL(direction, registry.url).origin, registry.url, direction);
	}
	t.is((await realm(image, lies)).href, `${registry.url}/v2/token`);
});

suspicious('proxies: who is not trusted cannot choose the repository by a header', async (t, {client, image}) => {
	await image.pushImage('latest');
	const name = image.base.slice('/v2/docker-local/'.length);
	const headers = {'x-forwarded-host': 'docker.example'};
	const answer = await client.request('GET', `/v2/${name}/manifests/latest`, {headers});
	refused(t, answer, 404, 'NAME_UNKNOWN');
});

based('proxies: a base that was configured is where everything leads to', async (t, {image}) => {
	t.is((await realm(image, {})).href, 'https://public.example:8443/v2/token');
	for (const direction of await directions(image, {})) {
		t.is(new URL(direction, 'https://public.example:8443').origin, 'https://public.example:8443', direction);
	}
});
