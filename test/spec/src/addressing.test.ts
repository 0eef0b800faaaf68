import {randomBytes} from 'node:crypto';
import {freePort} from '@stowage/test-servers';
import type {ExecutionContext} from 'ava';
import {answered, refused} from './assertions.ts';
import {parseChallenge} from './challenge.ts';
import {randomContent} from './content.ts';
import {octets, type ImageClient} from './image-client.ts';
import {RegistryClient} from './registry-client.ts';
import {type SpecWorld, specification} from './specification.ts';
import {afterChallenge} from './token.ts';

const specify = specification(async () => ({
	bindings: [
		{port: await freePort(), repositories: {v2: 'docker-local'}},
		{host: 'docker.example', repositories: {v2: 'docker-local'}},
		{host: 'old.example', repositories: {v1: 'docker-local'}},
	],
	subdomainsOf: ['registry.example'],
}));

interface Way {
	readonly title: string;
	readonly base: string;
	/** Whether names carry the repository's key. */
	readonly keyed: boolean;
	readonly host?: string;
	readonly bound?: boolean;
}

const ways: readonly Way[] = [
	{title: 'by path', base: '/v2/docker-local', keyed: true},
	{title: 'in the REST form', base: '/api/docker/docker-local/v2', keyed: false},
	{title: 'in the REST form under /artifactory', base: '/artifactory/api/docker/docker-local/v2', keyed: false},
	{title: 'by a bound host', base: '/v2', keyed: false, host: 'docker.example'},
	{title: 'by a bound host with a port', base: '/v2', keyed: false, host: 'docker.example:8443'},
	{title: 'by a bound host in capitals', base: '/v2', keyed: false, host: 'Docker.EXAMPLE'},
	{title: 'by a subdomain', base: '/v2', keyed: false, host: 'docker-local.registry.example'},
	{title: 'by a bound port', base: '/v2', keyed: false, bound: true},
];

function address(
	t: ExecutionContext,
	way: Way,
	{registry, client}: SpecWorld,
): {client: RegistryClient; image: ImageClient} {
	let spoken = client;
	if (way.bound === true) {
		spoken = new RegistryClient(`http://127.0.0.1:${registry.settings.bindings?.[0]?.port}`, client.options);
		t.teardown(() => spoken.close());
	} else if (way.host !== undefined) {
		spoken = client.as({host: way.host});
	}
	return {client: spoken, image: spoken.image(`app/${randomBytes(8).toString('hex')}`, way.base)};
}

for (const way of ways) {
	specify(`addressing ${way.title}: every location leads on, from the first byte to the last`, async (t, world) => {
		const {client, image} = address(t, way, world);
		const blob = randomContent(900);
		const started = await image.request('POST', '/blobs/uploads/');
		answered(t, started, 202);
		let upload = image.resolve(started);
		const patched = await client.request('PATCH', upload, {headers: octets, body: blob.bytes});
		answered(t, patched, 202);
		upload = client.resolve(patched.need('location'), upload);
		answered(t, await client.request('GET', upload), 204);
		const stored = await image.finish(upload, blob.digest);
		answered(t, stored, 201);
		const read = await client.request('GET', image.resolve(stored));
		t.deepEqual(read.body, blob.bytes);
		const {manifest} = await image.pushImage('latest');
		const put = await image.putManifest(manifest, 'again');
		t.deepEqual((await client.request('GET', image.resolve(put, '/manifests/again'))).body, manifest.bytes);
		const inPath = world.client.image(image.base.slice(way.base.length + 1));
		answered(t, await inPath.request('HEAD', '/manifests/again'), 200);
	});

	specify(`addressing ${way.title}: names and pages are as the client knows them`, async (t, world) => {
		const {client, image} = address(t, way, world);
		const {manifest} = await image.pushImage('a');
		await image.pushManifest(manifest, 'b');
		const name = (way.keyed ? 'docker-local/' : '') + image.base.slice(way.base.length + 1);
		const first = await image.request('GET', '/tags/list?n=1');
		t.deepEqual(first.json(), {name, tags: ['a']});
		const second = await client.request('GET', client.resolve(first.next() ?? '', `${image.base}/tags/list`));
		t.deepEqual(second.json(), {name, tags: ['b']});
		const root = way.base.slice(0, way.base.indexOf('/v2') + 3);
		const catalog = await client.request('GET', `${root}/_catalog`);
		answered(t, catalog, 200);
		t.true(catalog.json<{repositories: string[]}>().repositories.includes(name));
		answered(t, await image.request('GET', `/referrers/${manifest.digest}`), 200);
	});

	specify(`addressing ${way.title}: a blob is mounted by the name that the client knows`, async (t, world) => {
		const source = address(t, way, world).image;
		const {image} = address(t, way, world);
		const blob = await source.pushBlob(randomContent());
		const from = (way.keyed ? 'docker-local/' : '') + source.base.slice(way.base.length + 1);
		const answer = await image.request('POST', `/blobs/uploads/?mount=${blob.digest}&from=${from}`);
		answered(t, answer, 201);
		answered(t, await image.client.request('HEAD', image.resolve(answer)), 200);
	});

	specify(`addressing ${way.title}: who is challenged is told where to sign in, and for what`, async (t, world) => {
		const {client, image} = address(t, way, world);
		await image.pushImage('latest');
		const path = `${image.base}/manifests/latest`;
		const refusal = await client.as({authorization: undefined}).request('GET', path);
		refused(t, refusal, 401, 'UNAUTHORIZED');
		const {realm, scope} = parseChallenge(refusal.need('www-authenticate'));
		const name = (way.keyed ? 'docker-local/' : '') + image.base.slice(way.base.length + 1);
		t.is(scope, `repository:${name}:pull`);
		const host = client.options.host ?? new URL(client.origin).host;
		t.is(new URL(realm).host, host.toLowerCase());
		t.is(new URL(realm).protocol, 'http:');
		answered(t, await afterChallenge(client, 'GET', path), 200);
		answered(t, await afterChallenge(client, 'POST', `${image.base}/blobs/uploads/`), 202);
		const ping = way.base.slice(0, way.base.indexOf('/v2') + 4);
		answered(t, await afterChallenge(client, 'GET', `${ping.replace(/\/$/, '')}/`), 200);
	});

	specify(`addressing ${way.title}: errors are in the form of the specification`, async (t, world) => {
		const {image} = address(t, way, world);
		refused(t, await image.request('GET', '/manifests/latest'), 404, 'NAME_UNKNOWN', 'MANIFEST_UNKNOWN');
		refused(t, await image.request('POST', '/blobs/uploads/?digest=nonsense'), 400, 'DIGEST_INVALID');
	});
}

specify('addressing: a host that has no repository for the protocol has no such protocol', async (t, {client}) => {
	const old = client.as({host: 'old.example'});
	t.is((await old.request('GET', '/v2/')).status, 404);
	t.is((await old.request('GET', '/v2/app/tags/list')).status, 404);
});

specify('addressing: a subdomain of no repository is nothing, and says so', async (t, {client}) => {
	const other = client.as({host: 'no-such.registry.example'});
	t.is((await other.request('GET', '/v2/app/tags/list')).status, 404);
	const deep = client.as({host: 'a.docker-local.registry.example'});
	t.true([404, 401].includes((await deep.as({authorization: undefined}).request('GET', '/v2/app/tags/list')).status));
});

specify('addressing: a repository that is not there is not found in the REST form', async (t, {client}) => {
	refused(t, await client.request('GET', '/api/docker/no-such/v2/app/tags/list'), 404, 'NAME_UNKNOWN');
	refused(t, await client.request('GET', '/artifactory/api/docker/no-such/v2/app/tags/list'), 404, 'NAME_UNKNOWN');
});

specify('addressing: a token asked for in the REST form is good for that repository', async (t, {client, image}) => {
	await image.pushImage('latest');
	const name = image.base.slice('/v2/docker-local/'.length);
	const path = '/api/docker/docker-local/v2/token';
	const answer = await client.request(
		'GET',
		`${path}?service=s&scope=${encodeURIComponent(`repository:${name}:pull`)}`,
	);
	answered(t, answer, 200);
	const bearer = client.as({authorization: `Bearer ${answer.json<{token: string}>().token}`});
	answered(t, await bearer.request('GET', `/api/docker/docker-local/v2/${name}/manifests/latest`), 200);
	answered(t, await bearer.request('GET', `${image.base}/manifests/latest`), 200);
});

specify(
	'addressing: the token end-point of no repository serves who names it in the scope',
	async (t, {client, image}) => {
		await image.pushImage('latest');
		const scope = encodeURIComponent(`repository:${image.name}:pull`);
		const answer = await client.request('GET', `/artifactory/api/docker/null/v2/token?service=s&scope=${scope}`);
		answered(t, answer, 200);
		const bearer = client.as({authorization: `Bearer ${answer.json<{token: string}>().token}`});
		answered(t, await bearer.request('GET', `${image.base}/manifests/latest`), 200);
	},
);
