import {answered, refused} from './assertions.ts';
import type {ImageClient} from './image-client.ts';
import {specification} from './specification.ts';

const specify = specification();

interface TagList {
	readonly name: string;
	readonly tags: readonly string[];
}

/** One manifest with all these tags. */
async function tagged(image: ImageClient, tags: readonly string[]): Promise<ImageClient> {
	const {manifest} = await image.pushImage();
	await Promise.all(tags.map(tag => image.pushManifest(manifest, tag)));
	return image;
}

async function list(image: ImageClient, query = ''): Promise<TagList> {
	return (await image.request('GET', `/tags/list${query}`)).json<TagList>();
}

specify('end-8a: all tags are listed in byte order, with the name as the client knows it', async (t, {image}) => {
	const tags = ['0', 'A', 'B', '_', 'a', 'a-b', 'a.b', 'a0', 'aa', 'b'];
	await tagged(image, tags);
	const answer = await image.request('GET', '/tags/list');
	answered(t, answer, 200);
	t.regex(answer.need('content-type'), /^application\/json\b/);
	const sorted = tags.toSorted((one, other) => (one < other ? -1 : 1));
	t.deepEqual(answer.json(), {name: image.name, tags: sorted});
	t.is(answer.header('link'), undefined);
});

specify('end-8a: HEAD of the list has its headers and no body', async (t, {image}) => {
	await tagged(image, ['latest']);
	const answer = await image.request('HEAD', '/tags/list');
	answered(t, answer, 200);
	t.is(answer.body.length, 0);
});

specify('end-8a: an image without tags has an empty list', async (t, {image}) => {
	await image.pushImage();
	t.deepEqual(await list(image), {name: image.name, tags: []});
});

specify('end-8a: an image that was never pushed has none', async (t, {image}) => {
	refused(t, await image.request('GET', '/tags/list'), 404, 'NAME_UNKNOWN');
});

specify('end-8a: a repository that is not there has none', async (t, {client}) => {
	refused(t, await client.image('app', '/v2/no-such-repository').request('GET', '/tags/list'), 404, 'NAME_UNKNOWN');
});

specify('end-8b: a page has as many tags as asked for, and says where the next is', async (t, {image}) => {
	const tags = ['a', 'b', 'c', 'd', 'e'];
	await tagged(image, tags);
	const seen: string[][] = [];
	let path: string | undefined = `${image.base}/tags/list?n=2`;
	while (path !== undefined) {
		const answer = await image.client.request('GET', path);
		answered(t, answer, 200);
		seen.push([...answer.json<TagList>().tags]);
		const next = answer.next();
		path = next === undefined ? undefined : image.client.resolve(next, path);
	}
	t.deepEqual(seen, [['a', 'b'], ['c', 'd'], ['e']]);
});

specify('end-8b: no next page is promised when the last tag was told', async (t, {image}) => {
	await tagged(image, ['a', 'b', 'c', 'd']);
	for (const query of ['?n=4', '?n=5', '?n=2&last=b', '?last=a']) {
		t.is((await image.request('GET', `/tags/list${query}`)).header('link'), undefined, query);
	}
	t.truthy((await image.request('GET', '/tags/list?n=3')).next());
});

specify('end-8b: no tags are asked for, and none are told, nor that there are more', async (t, {image}) => {
	await tagged(image, ['a', 'b']);
	for (const query of ['?n=0', '?n=0&last=a']) {
		const answer = await image.request('GET', `/tags/list${query}`);
		answered(t, answer, 200);
		t.deepEqual(answer.json(), {name: image.name, tags: []});
		t.is(answer.header('link'), undefined);
	}
});

specify('end-8b: a list goes on after a tag, whether it is there or not', async (t, {image}) => {
	await tagged(image, ['b', 'd', 'f']);
	for (const [last, tags] of [
		['', ['b', 'd', 'f']],
		['a', ['b', 'd', 'f']],
		['b', ['d', 'f']],
		['c', ['d', 'f']],
		['e', ['f']],
		['B', ['b', 'd', 'f']],
	] as const) {
		t.deepEqual((await list(image, `?last=${last}`)).tags, tags, `after ${last}`);
		t.deepEqual((await list(image, `?n=10&last=${last}`)).tags, tags, `10 after ${last}`);
	}
});

specify('end-8b: after the last tag the list is empty and still a list', async (t, {image}) => {
	await tagged(image, ['a', 'b']);
	for (const query of ['?last=b', '?n=5&last=b', '?last=zzz', '?n=1&last=b']) {
		const answer = await image.request('GET', `/tags/list${query}`);
		answered(t, answer, 200);
		t.deepEqual(answer.json(), {name: image.name, tags: []});
		t.is(answer.header('link'), undefined);
	}
});

specify('end-8b: a tag that begins another is neither lost nor told twice', async (t, {image}) => {
	const tags = ['1', '1.0', '1.0.0', '1.0.0-rc', '10', '1_0'].toSorted((one, other) => (one < other ? -1 : 1));
	await tagged(image, tags);
	const seen: string[] = [];
	let path: string | undefined = `${image.base}/tags/list?n=1`;
	while (path !== undefined) {
		const answer = await image.client.request('GET', path);
		seen.push(...answer.json<TagList>().tags);
		const next = answer.next();
		path = next === undefined ? undefined : image.client.resolve(next, path);
	}
	t.deepEqual(seen, tags);
});

specify('end-8b: capitals come before small letters on every page', async (t, {image}) => {
	await tagged(image, ['a', 'B', 'b', 'A']);
	t.deepEqual((await list(image, '?n=3')).tags, ['A', 'B', 'a']);
	t.deepEqual((await list(image, '?n=3&last=A')).tags, ['B', 'a', 'b']);
	t.deepEqual((await list(image, '?n=3&last=B')).tags, ['a', 'b']);
});

for (const n of ['1000000', '1000000000000000000', '9007199254740992', '99999999999999999999999']) {
	specify(`end-8b: a page of ${n} is as good as one of all, or refused`, async (t, {image}) => {
		await tagged(image, ['a', 'b']);
		const answer = await image.request('GET', `/tags/list?n=${n}`);
		if (answer.status === 200) {
			t.deepEqual(answer.json<TagList>().tags, ['a', 'b']);
			t.is(answer.header('link'), undefined);
		} else {
			refused(t, answer, 400, 'PAGINATION_NUMBER_INVALID');
		}
	});
}

for (const n of ['-1', 'abc', '1.5', '0x10', '1e3', '%00', '']) {
	specify(`end-8b: n=${n} is no number of tags`, async (t, {image}) => {
		await tagged(image, ['a', 'b']);
		const answer = await image.request('GET', `/tags/list?n=${n}`);
		if (answer.status === 200 && n === '') {
			t.deepEqual(answer.json<TagList>().tags, ['a', 'b']);
		} else {
			refused(t, answer, 400, 'PAGINATION_NUMBER_INVALID');
		}
	});
}

specify('end-8b: a tag moved or pushed again is told once', async (t, {image}) => {
	await image.pushImage('latest');
	await image.pushImage('latest');
	const {manifest} = await image.pushImage('latest');
	await image.pushManifest(manifest, 'latest');
	t.deepEqual((await list(image)).tags, ['latest']);
});
