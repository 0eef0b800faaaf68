import {type Descriptor, RegistryError, parseImageName, parseTagName} from '@stowage/core';
import {artifactFixture, imageFixture, indexFixture} from '@stowage/testing';
import test from 'ava';
import {type RemoteWorld, openRemoteWorld} from './fixtures/remote-world.ts';

/** Answers a list with pages of two names, as `Link` leads from one to the next. */
function listInPages({upstream}: RemoteWorld, path: string, member: string, names: readonly string[]): void {
	upstream.script(new RegExp(`^GET ${path}\\?`), ({url = ''}, response) => {
		const last = new URL(url, upstream.url).searchParams.get('last');
		const start = last === null ? 0 : names.indexOf(last) + 1;
		const page = names.slice(start, start + 2);
		const more = start + 2 < names.length;
		response.writeHead(200, {
			'content-type': 'application/json',
			...(more && {link: `<${path}?n=2&last=${page.at(-1)}>; rel="next"`}),
		});
		response.end(JSON.stringify({[member]: page}));
	});
}

const digestTag = `sha256-${'a'.repeat(64)}`;

test('tags come from the upstream, all pages of it, sorted, and without what is no tag', async t => {
	const world = await openRemoteWorld(t);
	const {repository, image, as, upstream} = world;
	listInPages(world, `/v2/${image}/tags/list`, 'tags', ['v2', 'V1', `sha256:${'a'.repeat(64)}`, 'a b', 'v1', '']);
	t.deepEqual((await repository.listTags(image, {limit: 10}, as))?.items, ['V1', 'v1', 'v2']);
	const first = await repository.listTags(image, {limit: 2}, as);
	t.deepEqual(first, {items: ['V1' as never, 'v1' as never], next: 'v1'});
	t.deepEqual(await repository.listTags(image, {limit: 2, after: 'v1'}, as), {items: ['v2' as never]});
	t.is(upstream.count(/tags\/list/), 3);
});

test('the tags of an image that the upstream does not know are not there', async t => {
	const {repository, image, as} = await openRemoteWorld(t);
	t.is(await repository.listTags(image, {limit: 10}, as), undefined);
});

const endless: Readonly<Record<string, (page: number) => string>> = {
	'leads back to itself': () => '?n=1',
	'never ends': page => `?n=1&last=${page}`,
};

for (const [what, next] of Object.entries(endless)) {
	test(`a list that ${what} is refused`, async t => {
		const {repository, image, as, upstream} = await openRemoteWorld(t);
		let page = 0;
		upstream.script(/tags\/list/, (_request, response) => {
			const link = `</v2/${image}/tags/list${next((page += 1))}>; rel="next"`;
			response.writeHead(200, {link}).end('{"tags":["a"]}');
		});
		const error = await t.throwsAsync(repository.listTags(image, {limit: 10}, as), {instanceOf: RegistryError});
		t.is(error?.status, 502);
		t.true(page <= 500);
	});
}

for (const origin of [
	'http://other.example:1',
	'https://user:secret@other.example',
	'//other.example',
	'http://x//other.example',
]) {
	test(`a list whose next page is at ${origin} goes on at the upstream itself`, async t => {
		const {repository, image, as, upstream} = await openRemoteWorld(t);
		const first = new RegExp(`^GET /v2/${image}/tags/list\\?n=1000$`);
		upstream.script(/\/tags\/next/, (_request, response) => response.end('{"tags":["b"]}'));
		upstream.script(first, (_request, response) =>
			response.writeHead(200, {link: `<${origin}/v2/${image}/tags/next?last=a>; rel="next"`}).end('{"tags":["a"]}'),
		);
		t.deepEqual((await repository.listTags(image, {limit: 10}, as))?.items.map(String), ['a', 'b']);
		t.true(upstream.requests.at(-1)?.url.endsWith(`/v2/${image}/tags/next?last=a`));
	});
}

for (const link of ['http://', 'data:text/plain,x', 'file:///etc/passwd']) {
	test(`a list whose next page is ${link} is refused`, async t => {
		const {repository, image, as, upstream} = await openRemoteWorld(t);
		upstream.script(/tags\/list/, (_request, response) =>
			response.writeHead(200, {link: `<${link}>; rel="next"`}).end('{"tags":["a"]}'),
		);
		const error = await t.throwsAsync(repository.listTags(image, {limit: 10}, as), {instanceOf: RegistryError});
		t.is(error?.status, 502);
	});
}

for (const listsFromCache of [false, true]) {
	test(`an upstream that lists nothing ${listsFromCache ? 'is listed as far as it is stored' : 'is told, or has no catalog'}`, async t => {
		const {repository, image, as, upstream, pull} = await openRemoteWorld(t, {listsFromCache});
		upstream.putImage(image, imageFixture(), ['v1']);
		await pull('v1');
		upstream.script(/tags\/list/, (_request, response) => response.writeHead(500).end());
		upstream.script(/_catalog/, (_request, response) => response.writeHead(401).end());
		const tags = repository.listTags(image, {limit: 10}, as);
		if (listsFromCache) {
			t.deepEqual((await tags)?.items, ['v1']);
			t.regex((await tags)?.warning ?? '', /^"remote" serves what it has stored/);
		} else {
			t.is((await t.throwsAsync(tags, {instanceOf: RegistryError}))?.status, 502);
		}
		t.deepEqual((await repository.listImages({limit: 10}, as)).items, listsFromCache ? [image] : []);
	});
}

test('images come from the catalog of the upstream, those that the caller may read', async t => {
	const world = await openRemoteWorld(t);
	const {repository, as} = world;
	listInPages(world, '/v2/_catalog', 'repositories', ['b/b', 'a', 'Wrong Name', 'secret/x', 'c']);
	t.deepEqual((await repository.listImages({limit: 10}, as)).items, ['a', 'b/b', 'c', 'secret/x']);
	const caller = {...as.caller, may: (_action: string, _key: string, image?: string) => !image?.startsWith('secret')};
	t.deepEqual((await repository.listImages({limit: 2}, {caller})).items, ['a', 'b/b']);
	t.deepEqual((await repository.listImages({limit: 2, after: 'b/b'}, {caller})).items, ['c']);
	const nobody = {...as.caller, may: () => false};
	t.deepEqual((await repository.listImages({limit: 2}, {caller: nobody})).items, []);
});

function answerReferrers({upstream}: RemoteWorld, manifests: readonly Descriptor[]): void {
	upstream.script(/\/referrers\//, (_request, response) => {
		response.writeHead(200, {'content-type': 'application/vnd.oci.image.index.v1+json'});
		response.end(JSON.stringify({schemaVersion: 2, manifests: [...manifests, {digest: 'nonsense'}, null]}));
	});
}

test('referrers come from the list of the upstream, by type and page', async t => {
	const world = await openRemoteWorld(t);
	const {repository, image, as} = world;
	const subject = imageFixture().manifest.descriptor;
	const [sbom, signature] = ['application/spdx+json', 'application/vnd.example.signature'] as const;
	const artifacts = [sbom, signature, sbom].map(type => ({
		...artifactFixture(subject, type).manifest.descriptor,
		artifactType: type,
		annotations: {made: 'here'},
	}));
	answerReferrers(world, artifacts);
	const sorted = artifacts.toSorted((one, other) => (one.digest < other.digest ? -1 : 1));
	t.deepEqual((await repository.listReferrers(image, subject.digest, {limit: 10}, as)).items, sorted);
	const first = await repository.listReferrers(image, subject.digest, {limit: 1}, as);
	t.deepEqual(first, {items: [sorted[0]!], next: sorted[0]!.digest});
	const ofType = await repository.listReferrers(image, subject.digest, {limit: 10, artifactType: sbom}, as);
	t.is(ofType.items.length, 2);
});

test('referrers of an upstream without such lists come from its fallback tag', async t => {
	const world = await openRemoteWorld(t);
	const {repository, image, as, upstream} = world;
	const subject = imageFixture().manifest.descriptor;
	const artifact = {...artifactFixture(subject, 'a/b').manifest.descriptor, artifactType: 'a/b'};
	const index = indexFixture([artifact]);
	upstream.putManifest(image, index, [subject.digest.replace(':', '-')]);
	for (const [status, type] of [
		[400, 'text/plain'],
		[404, 'text/plain'],
		[405, 'application/json'],
		[406, 'text/plain'],
		[501, 'text/plain'],
		[200, 'text/html'],
		[200, 'application/json'],
	] as const) {
		upstream.script(/\/referrers\//, (_request, response) =>
			response.writeHead(status, {'content-type': type}).end('x'),
		);
		const other = await world.restarted();
		t.deepEqual((await other.listReferrers(image, subject.digest, {limit: 10}, as)).items, [artifact]);
	}
	const nobody = imageFixture().manifest.digest;
	t.deepEqual((await repository.listReferrers(image, nobody, {limit: 10}, as)).items, []);
	t.is(digestTag.length, subject.digest.length);
});

test('when the upstream fails, stored referrers are listed with a warning, those of a stored fallback tag too', async t => {
	const {repository, image, as, upstream} = await openRemoteWorld(t);
	const subject = imageFixture().manifest.descriptor;
	const all = ['a/b', 'a/b', 'c/d'].map(artifactType => {
		const {manifest} = artifactFixture(subject, artifactType);
		return {...manifest, descriptor: {...manifest.descriptor, artifactType}};
	});
	const [said, ...tagged] = all;
	const tag = parseTagName(subject.digest.replace(':', '-'));
	upstream.putManifest(image, said!);
	upstream.putManifest(image, indexFixture(tagged.map(({descriptor}) => descriptor)), [tag]);
	upstream.script(/\/referrers\//, (_request, response) => response.writeHead(503).end());
	const list = async (page: object = {}) => {
		const {items, ...rest} = await repository.listReferrers(image, subject.digest, {limit: 9, ...page}, as);
		return {...rest, digests: items.map(({digest}) => digest)};
	};
	const warning = '"remote" serves what it has stored: the upstream answers with status 503';
	t.is((await t.throwsAsync(list(), {instanceOf: RegistryError}))?.status, 503);
	await repository.findManifest(image, {digest: said!.digest}, as);
	t.deepEqual(await list(), {digests: [said!.digest], warning});
	await repository.findManifest(image, {tag}, as);
	const digests = all.map(({digest}) => digest).toSorted();
	t.deepEqual(await list(), {digests, warning});
	t.deepEqual(await list({limit: 2}), {digests: digests.slice(0, 2), next: digests[1], warning});
	t.deepEqual(await list({after: digests[1]}), {digests: digests.slice(2), warning});
	t.deepEqual(await list({after: digests[2]}), {digests: [], warning});
	t.deepEqual((await list({artifactType: 'c/d'})).digests, [all[2]!.digest]);
	t.is((await t.throwsAsync(list({artifactType: 'e/f'}), {instanceOf: RegistryError}))?.status, 503);
	const cached = await repository.cache?.listReferrers(image, subject.digest, {limit: 9}, as);
	t.deepEqual([cached?.items.length, cached?.warning], [3, undefined]);
});

test('with hardFail trouble is told whatever referrers are stored', async t => {
	const {repository, image, as, upstream} = await openRemoteWorld(t, {hardFail: true});
	const subject = imageFixture().manifest.descriptor;
	const {manifest} = artifactFixture(subject, 'a/b');
	upstream.putManifest(image, manifest);
	await repository.findManifest(image, {digest: manifest.digest}, as);
	upstream.script(/./, (_request, response) => response.writeHead(503).end());
	const listing = repository.listReferrers(image, subject.digest, {limit: 10}, as);
	t.is((await t.throwsAsync(listing, {instanceOf: RegistryError}))?.status, 503);
});

test('an image name in front of which the upstream has more is the same in every request and list', async t => {
	const options = {dockerProjectId: 'my-project'};
	const world = await openRemoteWorld(t, options);
	const {repository, as, upstream} = world;
	const content = imageFixture();
	const image = parseImageName('app');
	upstream.putImage('my-project/app', content, ['v1']);
	listInPages(world, '/v2/_catalog', 'repositories', ['my-project/app', 'other/app']);
	t.deepEqual((await repository.listImages({limit: 10}, as)).items, [image]);
	const found = await repository.findManifest(image, {digest: content.manifest.digest}, as);
	t.deepEqual(found?.manifest.bytes, content.manifest.bytes);
});
