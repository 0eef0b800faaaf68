import {artifactFixture, imageFixture} from '@stowage/testing';
import v1 from '@stowage/v1-migration';
import test from 'ava';
import {hideUnknown} from '../fixtures/hide-unknown.ts';
import {openProxyWorld, remote, startUpstream, virtual} from '../fixtures/proxy-world.ts';

const image = 'team/app';
const docker = virtual(['docker-local', 'hub']);
const {manifest: subject} = imageFixture();
const artifact = artifactFixture(subject.descriptor, 'application/spdx+json');
const referrers = `${image}/referrers/${subject.digest}`;

for (const hiding of [{}, {unknown: 403}, {token: 403}] as const) {
	test(`an upstream that hides what it does not have, ${JSON.stringify(hiding)}, has no part in lists, which say so`, async t => {
		const upstream = await startUpstream(t);
		hideUnknown(upstream, hiding);
		const {ask, push} = await openProxyWorld(t, {hub: remote(upstream), docker});
		await push('docker-local', image, artifact, 'v1');
		const tags = await ask(`docker/${image}/tags/list`);
		t.deepEqual([tags.status, JSON.parse(tags.text)], [200, {name: `docker/${image}`, tags: ['v1']}]);
		const listed = await ask(`docker/${referrers}`);
		t.is(listed.status, 200);
		t.true(listed.text.includes(artifact.manifest.digest));
		for (const {headers} of [tags, listed]) {
			t.regex(
				headers.get('warning') ?? '',
				/^299 - "member \\"hub\\" of \\"docker\\": the upstream does not have this/,
			);
		}
		const none = await ask('docker/none/tags/list');
		t.deepEqual([none.status, none.headers.get('www-authenticate')], [404, null]);
		t.regex(none.text, /member \\"hub\\" of \\"docker\\"/);
	});
}

test('an upstream that does not let us in at all is trouble', async t => {
	const upstream = await startUpstream(t);
	const {ask, push} = await openProxyWorld(t, {hub: remote(upstream), docker});
	await push('docker-local', image, artifact, 'v1');
	for (const refuse of [
		() => hideUnknown(upstream, {token: 401}),
		() => upstream.script(/./, (_request, response) => response.writeHead(401, {'www-authenticate': 'Basic'}).end()),
	]) {
		refuse();
		for (const path of [`docker/${image}/tags/list`, `docker/${referrers}`]) {
			const {status, text} = await ask(path);
			t.is(status, 401);
			t.regex(text, /member \\"hub\\" of \\"docker\\"/);
		}
	}
});

test('that an upstream refuses us is no reason to sign in here, and no refusal of who asks', async t => {
	const upstream = await startUpstream(t);
	hideUnknown(upstream);
	const {ask, parts, rest} = await openProxyWorld(t, {hub: remote(upstream), docker});
	for (const path of [`docker/${image}/manifests/v1`, `hub/${image}/manifests/v1`, `hub/${image}/tags/list`]) {
		const {status, headers, text} = await ask(path);
		t.deepEqual([status, headers.get('www-authenticate')], [401, null]);
		t.regex(text, /UNAUTHORIZED/);
	}
	const ours = await ask(`docker/${image}/manifests/v1`, {headers: {authorization: 'Basic eDp5'}});
	t.regex(ours.headers.get('www-authenticate') ?? '', /^Bearer realm=/);
	await parts.audit.flush();
	const {items} = await rest.metadata.audit.list({limit: 10});
	t.deepEqual(
		items.map(({status}) => status),
		[401],
	);
});

test('referrers that cannot be asked for are trouble, not none; what is stored is listed with a warning', async t => {
	const upstream = await startUpstream(t);
	const {ask, push} = await openProxyWorld(t, {hub: remote(upstream), docker});
	upstream.putManifest(image, artifact.manifest);
	upstream.script(/referrers/, (_request, response) => response.writeHead(503).end());
	await push('docker-local', image, artifactFixture(subject.descriptor, 'a/b'), 'v1');
	const [hub, all] = [await ask(`hub/${referrers}`), await ask(`docker/${referrers}`)];
	t.deepEqual([hub.status, all.status], [503, 503]);
	t.regex(all.text, /member \\"hub\\" of \\"docker\\"/);
	await ask(`hub/${image}/manifests/${artifact.manifest.digest}`);
	for (const [key, listed] of [
		['hub', 1],
		['docker', 2],
	] as const) {
		const {status, headers, text} = await ask(`${key}/${referrers}`);
		const {manifests} = JSON.parse(text) as {manifests: unknown[]};
		t.deepEqual([status, manifests.length], [200, listed]);
		t.regex(headers.get('warning') ?? '', /^299 - "\\"hub\\" serves what it has stored/);
	}
});

test('an image of Docker Hub is told by its whole name, whichever a client uses', async t => {
	const upstream = await startUpstream(t);
	const {ask} = await openProxyWorld(t, {hub: remote(upstream, {mirrorOf: 'docker.io'})});
	upstream.putImage('library/busybox', imageFixture(), ['v1']);
	upstream.script(/^GET .v2.library.busybox.tags/, (_request, response) => response.end('{"tags":["v1"]}'));
	for (const name of ['busybox', 'library/busybox']) {
		t.is((await ask(`hub/${name}/manifests/v1`)).status, 200);
		for (const key of ['hub', 'hub-cache']) {
			const tags = await ask(`${key}/${name}/tags/list`);
			t.deepEqual(JSON.parse(tags.text), {name: `${key}/library/busybox`, tags: ['v1']});
			const none = await ask(`${key}/${name}/manifests/none`);
			t.is(none.status, 404);
			t.regex(none.text, /"name":"library\/busybox"/);
		}
	}
	const unknown = await ask('hub/none/tags/list');
	t.regex(unknown.text, /"code":"NAME_UNKNOWN".*"name":"hub\/library\/none"/);
	t.is((await ask('docker-local/none/tags/list')).text.includes('library'), false);
});

test('an image whose name leaves no room for "library/" is not there at Docker Hub, and other members are asked', async t => {
	const upstream = await startUpstream(t);
	const hub = remote(upstream, {mirrorOf: 'docker.io'});
	const {ask, push} = await openProxyWorld(t, {hub, docker: virtual(['hub', 'docker-local'])});
	const [long, none] = ['a'.repeat(250), 'b'.repeat(250)];
	await push('docker-local', long, artifact, 'v1');
	const paths = ['manifests/v1', 'tags/list', `blobs/${artifact.blobs[0]?.digest}`];
	for (const path of paths) {
		t.is((await ask(`docker/${long}/${path}`)).status, 200, path);
		for (const key of ['docker', 'hub', 'hub-cache']) {
			t.is((await ask(`${key}/${none}/${path}`)).status, 404, `${key} ${path}`);
		}
	}
	for (const path of [`manifests/v1`, `manifests/${subject.digest}`, `blobs/${subject.digest}`]) {
		t.is((await ask(`hub-cache/${none}/${path}`, {method: 'DELETE'})).status, 404, path);
	}
	const listed = await ask(`docker/${long}/referrers/${subject.digest}`);
	t.true(listed.text.includes(artifact.manifest.digest));
	for (const key of ['docker', 'hub', 'hub-cache']) {
		const {status, text} = await ask(`${key}/${none}/referrers/${subject.digest}`);
		t.deepEqual([status, (JSON.parse(text) as {manifests: unknown}).manifests], [200, []]);
	}
	t.is(upstream.requests.length, 0);
});

/** Path and query after `/v2/` of the next page that an answer names. */
function nextOf({headers}: {readonly headers: Headers}): string | undefined {
	return /^<\/v2\/([^>]*)>; rel="next"$/.exec(headers.get('link') ?? '')?.[1];
}

test('the next page of a list that a client of a mirror asks for is of the same registry', async t => {
	const upstream = await startUpstream(t);
	const {ask} = await openProxyWorld(t, {hub: remote(upstream, {mirrorOf: 'docker.io'})});
	upstream.script(/tags.list/, (_request, response) => response.end('{"tags":["a","b","c"]}'));
	const type = 'application/vnd.oci.image.index.v1+json';
	const manifests = ['a/b', 'a/b', 'c/d'].map(artifactType => ({
		...artifactFixture(subject.descriptor, artifactType).manifest.descriptor,
		artifactType,
	}));
	upstream.script(/referrers/, (_request, response) =>
		response.writeHead(200, {'content-type': type}).end(JSON.stringify({manifests})),
	);
	for (const path of [
		'library/many/tags/list?ns=docker.io&n=2',
		`${referrers}?ns=docker.io&n=1&artifactType=a%2Fb`,
		`hub/${referrers}?n=2&ns=Docker.IO`,
	]) {
		const first = await ask(path);
		const next = nextOf(first);
		t.regex(next ?? '', /[?&]ns=docker\.io(?:&|$)/);
		const second = await ask(next ?? '');
		t.deepEqual([first.status, second.status, second.headers.get('oci-namespace')], [200, 200, 'docker.io']);
		t.not(second.text, first.text);
		t.is(nextOf(second), undefined);
	}
	t.notRegex(nextOf(await ask('hub/many/tags/list?n=2')) ?? '', /ns=/);
});

test('a repository that cannot be opened is left out of lists of all, with a warning, and told to who asks for it', async t => {
	const upstream = await startUpstream(t);
	const typo = remote(upstream, {proxy: 'http://proxy.example:99999', proxyPassword: 'hunter2'});
	const definitions = {typo, docker: virtual(['docker-local', 'typo'])};
	const {ask, push, url, admin} = await openProxyWorld(t, definitions, {plugins: [v1]});
	await push('docker-local', image, artifact, 'v1');
	const catalog = await ask('_catalog');
	t.deepEqual([catalog.status, JSON.parse(catalog.text)], [200, {repositories: [`docker-local/${image}`]}]);
	t.regex(catalog.headers.get('warning') ?? '', /^299 - ".*\\"typo\\" cannot be opened/);
	const search = (path: string) => fetch(`${url}/${path}`, {headers: {authorization: admin}});
	const found = await search('v1/search?q=app');
	t.is(found.status, 200);
	t.like(await found.json(), {num_results: 1, results: [{name: `docker-local/${image}`}]});
	t.is(found.headers.get('warning'), '299 - "not searched, since they cannot be opened: docker, typo, typo-cache"');
	const told = [await ask('typo/team/app/manifests/v1'), await ask('typo/team/app/tags/list')];
	t.deepEqual(
		told.map(({status}) => status),
		[503, 503],
	);
	t.is((await search('api/docker/typo/v1/search?q=app')).status, 503);
	t.notRegex(JSON.stringify([catalog, ...told]), /hunter2/);
});
