import test, {type ExecutionContext} from 'ava';
import {startApp} from '../../http/fixtures/start-app.ts';

type Answer = {status: number; text: string; json: () => Record<string, unknown>; type: string};

const as = (name: string) => `Basic ${Buffer.from(`${name}:secret`).toString('base64')}`;

async function start(t: ExecutionContext) {
	const app = await startApp();
	t.teardown(() => app.stop());
	const ask = async (
		method: string,
		path: string,
		body?: unknown,
		more: Record<string, string> = {},
	): Promise<Answer> => {
		const headers = {authorization: as('admin'), 'content-type': 'application/json', ...more};
		const response = await fetch(app.url + path, {
			method,
			headers,
			body: body === undefined ? undefined : JSON.stringify(body),
		});
		const text = await response.text();
		return {
			status: response.status,
			text,
			json: () => JSON.parse(text) as Record<string, unknown>,
			type: response.headers.get('content-type') ?? '',
		};
	};
	return {app, ask};
}

function messageOf(answer: Answer): string {
	return (JSON.parse(answer.text) as {errors: {message: string}[]}).errors[0]?.message ?? '';
}

const local = {key: 'team-local', rclass: 'local', packageType: 'docker', description: 'Ours', maxUniqueTags: 5};

test('a repository is made, shown with all its fields, changed in part and deleted', async t => {
	const {ask} = await start(t);
	const vendor = 'application/vnd.org.jfrog.artifactory.repositories.LocalRepositoryConfiguration+json';
	const made = await ask('PUT', '/artifactory/api/repositories/team-local', local, {'content-type': vendor});
	t.is(made.status, 200, made.text);
	t.regex(made.type, /^text\/plain/);
	const found = await ask('GET', '/artifactory/api/repositories/team-local');
	t.like(found.json(), {
		...local,
		notes: '',
		includesPattern: '**/*',
		repoLayoutRef: 'simple-default',
		environments: [],
		dockerApiVersion: 'V2',
		dockerTagRetention: 1,
		blackedOut: false,
		xrayIndex: false,
		storage: 'default',
	});
	const changed = await ask('POST', '/api/repositories/team-local', {
		notes: 'private',
		xrayIndex: true,
		maxUniqueTags: null,
	});
	t.is(changed.status, 200, changed.text);
	t.like((await ask('GET', '/api/v2/repositories/team-local')).json(), {
		description: 'Ours',
		notes: 'private',
		xrayIndex: true,
		maxUniqueTags: 0,
	});
	const deleted = await ask('DELETE', '/api/repositories/team-local');
	t.is(deleted.status, 200);
	t.like(deleted.json(), {repoKey: 'team-local', deletedArtifactsCount: 0, success: true});
	t.is((await ask('GET', '/api/repositories/team-local')).status, 400);
	t.is((await ask('DELETE', '/api/repositories/team-local')).status, 404);
	t.is((await ask('POST', '/api/repositories/team-local', {notes: ''})).status, 404);
});

test('a new repository is served at once, and what was in it is gone with it', async t => {
	const {app, ask} = await start(t);
	await ask('PUT', '/api/repositories/team-local', local);
	const headers = {authorization: app.admin};
	const started = await fetch(`${app.url}/v2/team-local/app/blobs/uploads/`, {method: 'POST', headers});
	t.is(started.status, 202);
	t.is((await ask('DELETE', '/api/repositories/team-local')).status, 200);
	t.is((await fetch(`${app.url}/v2/team-local/app/tags/list`, {headers})).status, 404);
});

const refused = [
	{what: 'no class', body: {}, message: /field "rclass": is missing/},
	{what: 'an unknown class', body: {rclass: 'odd'}, message: /field "rclass": there is no "odd"/},
	{
		what: 'a class of no plugin',
		body: {rclass: 'federated'},
		message: /field "rclass": no plugin of this server offers/,
	},
	{what: 'another key', body: {...local, key: 'other'}, message: /field "key"/},
	{
		what: 'another kind of packages',
		body: {...local, packageType: 'maven'},
		message: /field "packageType": must be one of/,
	},
	{what: 'a text for a number', body: {...local, maxUniqueTags: 'many'}, message: /field "maxUniqueTags"/},
	{
		what: 'a wrong option of our own',
		body: {...local, maxManifestBytes: 1},
		message: /field "maxManifestBytes": must be >= 1024/,
	},
	{
		what: 'a slip of the pen',
		body: {...local, maxUniqTags: 1},
		message: /"maxUniqTags": .*did you mean "maxUniqueTags"/,
	},
	{
		what: 'an unknown storage',
		body: {...local, storage: 'attic'},
		message: /field "storage": there is no storage "attic"/,
	},
	{
		what: 'an unknown member',
		body: {key: 'team-local', rclass: 'virtual', repositories: ['none']},
		message: /field "repositories": .*"none"/,
	},
	{
		what: 'a push target that is no member',
		body: {key: 'team-local', rclass: 'virtual', repositories: [], defaultDeploymentRepo: 'docker-local'},
		message: /field "defaultDeploymentRepo"/,
	},
	{
		what: 'a remote that stores nothing',
		body: {key: 'team-local', rclass: 'remote', url: 'https://registry.example', storeArtifactsLocally: false},
		message: /field "storeArtifactsLocally"/,
	},
	{what: 'a remote without address', body: {key: 'team-local', rclass: 'remote'}, message: /field "url": is missing/},
] as const;

for (const {what, body, message} of refused) {
	test(`${what} is refused with 400 and the name of the field`, async t => {
		const {ask} = await start(t);
		const answer = await ask('PUT', '/api/repositories/team-local', body);
		t.is(answer.status, 400);
		t.regex(messageOf(answer), message);
		t.is((await ask('GET', '/api/repositories/team-local')).status, 400);
	});
}

test('a key that is taken, or that means something else, is refused', async t => {
	const {ask} = await start(t);
	for (const key of ['docker-local', 'api', 'v2', 'token', 'a%20b', 'a'.repeat(65)]) {
		t.is((await ask('PUT', `/api/repositories/${key}`, {rclass: 'local'})).status, 400, key);
	}
	t.regex(messageOf(await ask('PUT', '/api/repositories/docker-local', {rclass: 'local'})), /already exists/);
	t.is(
		(await ask('PUT', '/api/repositories/hub', {rclass: 'remote', url: 'https://registry-1.docker.io/'})).status,
		200,
	);
	t.regex(messageOf(await ask('PUT', '/api/repositories/hub-cache', {rclass: 'local'})), /cache/);
});

test('a class never changes, and a circle is refused', async t => {
	const {ask} = await start(t);
	t.regex(messageOf(await ask('POST', '/api/repositories/docker-local', {rclass: 'virtual'})), /is local and stays so/);
	await ask('PUT', '/api/repositories/inner', {rclass: 'virtual', repositories: []});
	await ask('PUT', '/api/repositories/outer', {rclass: 'virtual', repositories: ['inner', 'docker-local']});
	const circle = await ask('POST', '/api/repositories/inner', {repositories: ['outer']});
	t.is(circle.status, 400);
	t.regex(messageOf(circle), /inner -> outer -> inner/);
});

test('a deleted member goes out of its virtual repositories', async t => {
	const {ask} = await start(t);
	const repositories = ['docker-dev', 'docker-local'];
	await ask('PUT', '/api/repositories/all', {rclass: 'virtual', repositories, defaultDeploymentRepo: 'docker-dev'});
	t.is((await ask('DELETE', '/api/repositories/docker-dev')).status, 200);
	t.like((await ask('GET', '/api/repositories/all')).json(), {
		repositories: ['docker-local'],
		defaultDeploymentRepo: '',
	});
});

test('the password of a remote repository is kept and never shown', async t => {
	const {app, ask} = await start(t);
	const remote = {
		rclass: 'remote',
		url: 'https://registry-1.docker.io/',
		username: 'me',
		password: 'very secret',
		proxy: '',
	};
	t.is((await ask('PUT', '/api/repositories/hub', remote)).status, 200);
	t.is((await ask('POST', '/api/repositories/hub', {description: 'Hub', hardFail: true})).status, 200);
	const found = await ask('GET', '/api/repositories/hub');
	t.like(found.json(), {username: 'me', hardFail: true, description: 'Hub', proxy: '', storeArtifactsLocally: true});
	t.false(found.text.includes('secret'));
	t.false((await ask('GET', '/api/repositories/configurations')).text.includes('very secret'));
	t.like((await app.rest.metadata.definitions.find('hub'))?.options, {password: 'very secret'});
	await ask('POST', '/api/repositories/hub', {password: null});
	t.false('password' in ((await app.rest.metadata.definitions.find('hub'))?.options ?? {}));
	await ask('PUT', '/api/repositories/team-local', {...local, password: 'very secret'});
	t.false(JSON.stringify(await app.rest.metadata.definitions.list()).includes('very secret'));
});

test('lists are of what the caller may read, and filtered', async t => {
	const {app, ask} = await start(t);
	await ask('PUT', '/api/repositories/all', {rclass: 'virtual', repositories: ['docker-local']});
	const listed = JSON.parse((await ask('GET', '/artifactory/api/repositories')).text) as {key: string}[];
	t.deepEqual(
		listed.map(({key}) => key),
		['all', 'docker-dev', 'docker-local'],
	);
	t.deepEqual(listed[0], {
		key: 'all',
		description: '',
		type: 'VIRTUAL',
		url: `${app.url}/artifactory/all`,
		packageType: 'Docker',
	} as object);
	t.is((JSON.parse((await ask('GET', '/api/repositories?type=local&packageType=docker')).text) as unknown[]).length, 2);
	t.is((await ask('GET', '/api/repositories?packageType=maven')).text, '[]');
	t.is((await ask('GET', '/api/repositories', undefined, {authorization: as('guest')})).text, '[]');
	t.is((await fetch(`${app.url}/api/repositories`)).status, 401);
	const all = JSON.parse((await ask('GET', '/api/repositories/configurations')).text) as Record<string, unknown[]>;
	t.deepEqual([all['LOCAL']?.length, all['REMOTE']?.length, all['VIRTUAL']?.length], [2, 0, 1]);
	t.is((await ask('GET', '/api/repositories/configurations', undefined, {authorization: as('guest')})).status, 403);
	t.is((await ask('GET', '/api/repositories/docker-local', undefined, {authorization: as('guest')})).status, 403);
});

test('who may only read sees what he needs and nothing more', async t => {
	const app = await startApp({anonymousRead: true});
	t.teardown(() => app.stop());
	const response = await fetch(`${app.url}/api/repositories/docker-local`);
	t.is(response.status, 200);
	const fields = (await response.json()) as object;
	t.like(fields, {key: 'docker-local', rclass: 'local', packageType: 'docker'});
	t.false('storage' in fields);
});

test('several are made and changed together, all or none', async t => {
	const {ask} = await start(t);
	const batch = [{key: 'all', rclass: 'virtual', repositories: ['team-local']}, local];
	t.is((await ask('PUT', '/api/v2/repositories/batch', batch)).status, 201);
	t.is((await ask('PUT', '/api/v2/repositories/batch', [{key: 'new', rclass: 'local'}, local])).status, 400);
	t.is((await ask('GET', '/api/repositories/new')).status, 400);
	const wrong = [
		{key: 'all', description: 'x'},
		{key: 'team-local', maxManifestBytes: 1},
	];
	t.is((await ask('POST', '/api/v2/repositories/batch', wrong)).status, 400);
	t.like((await ask('GET', '/api/repositories/all')).json(), {description: ''});
	t.is((await ask('POST', '/api/v2/repositories/batch', [{key: 'all', description: 'x'}])).status, 200);
	t.like((await ask('GET', '/api/repositories/all')).json(), {description: 'x', repositories: ['team-local']});
	for (const odd of [
		[],
		{},
		[{rclass: 'local'}],
		[
			{key: 'a', rclass: 'local'},
			{key: 'a', rclass: 'local'},
		],
	]) {
		t.is((await ask('PUT', '/api/v2/repositories/batch', odd)).status, 400, JSON.stringify(odd));
	}
});
