import {answered, refused} from './assertions.ts';
import type {RegistryClient} from './registry-client.ts';
import {specification} from './specification.ts';

const specify = specification();
/** Names of which some begin others, in byte order. */
const names = ['cat', 'cat-a', 'cat/a', 'cat/a/b', 'cat0', 'cats'];

async function listed(client: RegistryClient, query = ''): Promise<readonly string[]> {
	return (await client.request('GET', `/v2/_catalog${query}`)).json<{repositories: string[]}>().repositories;
}

async function pushAll(client: RegistryClient): Promise<readonly string[]> {
	for (const name of names) {
		if ((await client.image(name).request('HEAD', '/manifests/latest')).status === 404) {
			await client.image(name).pushImage('latest');
		}
	}
	return names.map(name => `docker-local/${name}`);
}

specify('catalog: every image is listed in byte order, with its repository', async (t, {client}) => {
	const all = await pushAll(client);
	const answer = await client.request('GET', '/v2/_catalog');
	answered(t, answer, 200);
	t.regex(answer.need('content-type'), /^application\/json\b/);
	const {repositories} = answer.json<{repositories: string[]}>();
	t.deepEqual(
		repositories,
		repositories.toSorted((one, other) => (one < other ? -1 : 1)),
	);
	t.true(all.every(name => repositories.includes(name)));
});

specify(
	'catalog: pages follow each other, and a name that begins another is neither lost nor told twice',
	async (t, {client}) => {
		const all = await pushAll(client);
		for (const size of [1, 2, 4]) {
			const seen: string[] = [];
			let path: string | undefined = `/v2/_catalog?n=${size}`;
			while (path !== undefined) {
				const answer = await client.request('GET', path);
				answered(t, answer, 200);
				const {repositories} = answer.json<{repositories: string[]}>();
				t.true(repositories.length <= size);
				seen.push(...repositories);
				const next = answer.next();
				path = next === undefined ? undefined : client.resolve(next, path);
			}
			t.deepEqual(
				seen.filter(name => all.includes(name)),
				all,
			);
		}
	},
);

specify('catalog: it goes on after a name, whether it is there or not', async (t, {client}) => {
	const all = await pushAll(client);
	for (const [last, first] of [
		['docker-local/cat', 1],
		['docker-local/cat.', 2],
		['docker-local/cat/a', 3],
		['docker-local/cats', 6],
	] as const) {
		const found = (await listed(client, `?last=${encodeURIComponent(last)}`)).filter(name => all.includes(name));
		t.deepEqual(found, all.slice(first), last);
	}
	t.deepEqual(await listed(client, '?last=zzz'), []);
	t.deepEqual(await listed(client, '?n=0'), []);
});

specify('catalog: an image without manifests is not in it', async (t, {client, image}) => {
	const {manifest} = await image.pushImage('latest');
	t.true((await listed(client)).includes(image.name));
	answered(t, await image.request('DELETE', `/manifests/${manifest.digest}`), 202);
	t.false((await listed(client)).includes(image.name));
});

specify(
	'catalog: a page of a size that is no number is refused, and one of any number bounded',
	async (t, {client}) => {
		for (const n of ['-1', 'abc', '1.5']) {
			refused(t, await client.request('GET', `/v2/_catalog?n=${n}`), 400, 'PAGINATION_NUMBER_INVALID');
		}
		for (const n of ['1000000000000000000', '9007199254740993', '1000000']) {
			const answer = await client.request('GET', `/v2/_catalog?n=${n}`);
			t.true([200, 400].includes(answer.status), String(answer.status));
		}
	},
);

specify('catalog: who does not sign in learns nothing from it', async (t, {client}) => {
	const answer = await client.as({authorization: undefined}).request('GET', '/v2/_catalog');
	refused(t, answer, 401, 'UNAUTHORIZED');
	t.true(answer.need('www-authenticate').includes('scope="registry:catalog:*"'));
});
