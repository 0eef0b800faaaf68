import type {RequestListener} from 'node:http';
import {gzipSync} from 'node:zlib';
import {RegistryError} from '@stowage/core';
import {artifactFixture, imageFixture} from '@stowage/testing';
import test from 'ava';
import {type RemoteWorld, openRemoteWorld} from './fixtures/remote-world.ts';

/** Answers the first page of a list with `first` and a link to a second one, which `second` answers. */
function listInTwo(
	{upstream}: RemoteWorld,
	path: string,
	first: {readonly body: string; readonly headers?: Readonly<Record<string, string>>},
	second: RequestListener,
): void {
	upstream.script(new RegExp(`^GET ${path}`), (_request, response) =>
		response.writeHead(200, {link: `<${path}?page=2>; rel="next"`, ...first.headers}).end(first.body),
	);
	upstream.script(new RegExp(`^GET ${path}\\?page=2`), second);
}

for (const link of ['type="a,b"; rel="next"', 'title="\\"<x>; rel=prev"; REL=Next', 'rel="last next"']) {
	test(`a list goes on at a next page that is named as ${link}`, async t => {
		const world = await openRemoteWorld(t);
		const {repository, image, as} = world;
		const path = `/v2/${image}/tags/list`;
		const headers = {link: `<${path}?n=1>; rel="first", <${path}?page=2>; ${link}`};
		listInTwo(world, path, {body: '{"tags":["a"]}', headers}, (_request, response) => response.end('{"tags":["b"]}'));
		t.deepEqual((await repository.listTags(image, {limit: 10}, as))?.items.map(String), ['a', 'b']);
	});
}

test('a page may have more names than a call has arguments', async t => {
	const {repository, image, as, upstream} = await openRemoteWorld(t);
	const names = Array.from({length: 500_000}, (_, index) => `v${index}`);
	const all = (member: string): RequestListener => {
		return (_request, response) => response.end(JSON.stringify({[member]: names}));
	};
	upstream.script(/tags\/list/, all('tags'));
	upstream.script(/_catalog/, all('repositories'));
	const last = names.toSorted().at(-1) as string;
	const page = {limit: 2, after: names.toSorted().at(-2)};
	t.deepEqual((await repository.listTags(image, page, as))?.items.map(String), [last]);
	t.deepEqual((await repository.listImages(page, as)).items.map(String), [last]);
});

for (const status of [204, 401, 403, 404, 405, 501]) {
	const broken: RequestListener = (_request, response) => response.writeHead(status).end();
	test(`a list whose second page is answered with status ${status} is trouble`, async t => {
		const world = await openRemoteWorld(t);
		const {repository, image, as} = world;
		listInTwo(world, `/v2/${image}/tags/list`, {body: '{"tags":["a"]}'}, broken);
		listInTwo(world, '/v2/_catalog', {body: '{"repositories":["a"]}'}, broken);
		for (const listing of [repository.listTags(image, {limit: 10}, as), repository.listImages({limit: 10}, as)]) {
			const error = await t.throwsAsync(listing as Promise<unknown>, {instanceOf: RegistryError});
			t.deepEqual([error?.status, error?.elsewhere], [502, 'trouble']);
		}
	});
}

const indexHeaders = {'content-type': 'application/vnd.oci.image.index.v1+json'};

/** Answers that are no page, though the upstream has such lists. */
const brokenPages: Readonly<Record<string, RequestListener>> = {
	'compressed though nobody asked for that': (_request, response) =>
		response.writeHead(200, {...indexHeaders, 'content-encoding': 'gzip'}).end(gzipSync('{"manifests":[]}')),
	'larger than a page may be': (_request, response) =>
		response.writeHead(200, indexHeaders).end(`{"manifests":[]${' '.repeat(8 * 1024 * 1024)}}`),
	'no JSON': (_request, response) => response.writeHead(200, indexHeaders).end('<html>'),
	'without end': ({url = ''}, response) =>
		response.writeHead(200, {...indexHeaders, link: `<${url}0>; rel="next"`}).end('{"manifests":[]}'),
};

const brokenNext: Readonly<Record<string, RequestListener>> = {
	...brokenPages,
	'not there': (_request, response) => response.writeHead(404).end(),
	'not for us': (_request, response) => response.writeHead(403).end(),
	'refused as unknown': (_request, response) => response.writeHead(405).end(),
	'something else': (_request, response) => response.writeHead(200, {'content-type': 'text/html'}).end('<html>'),
};

for (const [what, listener] of Object.entries(brokenPages)) {
	test(`a list of referrers that is ${what} is trouble, not none`, async t => {
		const {repository, image, as, upstream} = await openRemoteWorld(t);
		upstream.script(/\/referrers\//, listener);
		const listing = repository.listReferrers(image, imageFixture().manifest.digest, {limit: 10}, as);
		t.is((await t.throwsAsync(listing, {instanceOf: RegistryError}))?.status, 502);
	});
}

for (const [what, listener] of Object.entries(brokenNext)) {
	test(`a list of referrers whose second page is ${what} is trouble, and what is stored is listed`, async t => {
		const world = await openRemoteWorld(t);
		const {repository, image, as, upstream} = world;
		const subject = imageFixture().manifest.descriptor;
		const {manifest} = artifactFixture(subject, 'a/b');
		upstream.putManifest(image, manifest);
		const first = {body: JSON.stringify({manifests: [manifest.descriptor]}), headers: indexHeaders};
		listInTwo(world, `/v2/${image}/referrers/${subject.digest}`, first, listener);
		const list = () => repository.listReferrers(image, subject.digest, {limit: 10}, as);
		t.is((await t.throwsAsync(list(), {instanceOf: RegistryError}))?.status, 502);
		await repository.findManifest(image, {digest: manifest.digest}, as);
		const {items, warning} = await list();
		t.deepEqual(
			items.map(({digest}) => digest),
			[manifest.digest],
		);
		t.regex(warning ?? '', /^"remote" serves what it has stored: the upstream /);
	});
}
