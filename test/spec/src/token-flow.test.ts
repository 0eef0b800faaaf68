import {randomBytes} from 'node:crypto';
import type {ExecutionContext} from 'ava';
import type {Answer} from './answer.ts';
import {answered, refused} from './assertions.ts';
import {basicAuthorization} from './basic-authorization.ts';
import {parseChallenge} from './challenge.ts';
import type {RegistryClient} from './registry-client.ts';
import {specification} from './specification.ts';
import {type TokenBody, afterChallenge, askToken, withToken} from './token.ts';

const specify = specification();

function granted(t: ExecutionContext, answer: Answer): TokenBody {
	answered(t, answer, 200);
	t.regex(answer.need('content-type'), /^application\/json\b/);
	t.is(answer.header('cache-control'), 'no-store');
	const body = answer.json<TokenBody>();
	t.true(body.token.length > 20);
	t.is(body.access_token, body.token);
	t.true(Number.isInteger(body.expires_in) && body.expires_in >= 60);
	t.true(Math.abs(Date.parse(body.issued_at) - Date.now()) < 60_000, body.issued_at);
	return body;
}

function postForm(client: RegistryClient, form: Record<string, string>): Promise<Answer> {
	return client.as({authorization: undefined}).request('POST', '/v2/token', {
		headers: {'content-type': 'application/x-www-form-urlencoded'},
		body: new URLSearchParams(form).toString(),
	});
}

specify(
	'token: a challenge names realm, service and scope, and following it opens the door',
	async (t, {client, image}) => {
		await image.pushImage('latest');
		const answer = await client.as({authorization: undefined}).request('HEAD', `${image.base}/manifests/latest`);
		answered(t, answer, 401);
		const challenge = parseChallenge(answer.need('www-authenticate'));
		t.is(challenge.scope, `repository:${image.name}:pull`);
		t.is(challenge.realm, `${client.origin}/v2/token`);
		answered(t, await afterChallenge(client, 'HEAD', `${image.base}/manifests/latest`), 200);
	},
);

for (const [method, path, actions] of [
	['GET', '/tags/list', 'pull'],
	['GET', `/blobs/sha256:${'0'.repeat(64)}`, 'pull'],
	['GET', `/referrers/sha256:${'0'.repeat(64)}`, 'pull'],
	['POST', '/blobs/uploads/', 'pull,push'],
	['PUT', '/manifests/latest', 'pull,push'],
	['DELETE', '/manifests/latest', 'delete'],
	['DELETE', `/blobs/sha256:${'0'.repeat(64)}`, 'delete'],
] as const) {
	specify(`token: ${method} ${path.slice(0, 20)} asks for a token to ${actions}`, async (t, {client, image}) => {
		const answer = await client.as({authorization: undefined}).request(method, image.base + path);
		refused(t, answer, 401, 'UNAUTHORIZED');
		const scope = parseChallenge(answer.need('www-authenticate')).scope ?? '';
		t.true(scope.startsWith(`repository:${image.name}:`), scope);
		const asked = scope.slice(scope.lastIndexOf(':') + 1).split(',');
		t.true(
			actions.split(',').every(action => asked.includes(action)),
			scope,
		);
	});
}

specify('token: GET with a password gives one, in the fields that all clients read', async (t, {client, image}) => {
	const scope = `repository:${image.name}:pull,push`;
	granted(t, await askToken(client, '/v2/token', {service: 'registry', scope, account: 'admin', client_id: 'docker'}));
});

specify('token: what docker login does', async (t, {client}) => {
	const ping = await client.as({authorization: undefined}).request('GET', '/v2/');
	answered(t, ping, 401);
	const {realm, service, scope} = parseChallenge(ping.need('www-authenticate'));
	t.is(scope, undefined);
	const query = {account: 'admin', client_id: 'docker', offline_token: 'true', service};
	const body = granted(t, await askToken(client, realm, query));
	t.truthy(body.refresh_token);
	answered(t, await client.as({authorization: `Bearer ${body.token}`}).request('GET', '/v2/'), 200);
});

specify('token: what containerd does, first with a form', async (t, {client, image, registry}) => {
	await image.pushImage('latest');
	const form = {
		grant_type: 'password',
		service: 'registry',
		client_id: 'containerd-client',
		scope: `repository:${image.name}:pull`,
		username: registry.admin.name,
		password: registry.admin.password,
	};
	const body = granted(t, await postForm(client, form));
	const bearer = client.as({authorization: `Bearer ${body.access_token}`});
	answered(t, await bearer.request('GET', `${image.base}/manifests/latest`), 200);
	t.is(body.refresh_token, undefined);
});

specify('token: who asks to stay signed in gets a token that gets tokens', async (t, {client, image, registry}) => {
	await image.pushImage('latest');
	const {name: username, password} = registry.admin;
	const scope = `repository:${image.name}:pull`;
	const form = {grant_type: 'password', service: 'registry', client_id: 'docker', username, password};
	const first = granted(t, await postForm(client, {...form, access_type: 'offline'}));
	const refresh = {grant_type: 'refresh_token', service: 'registry', client_id: 'docker', scope};
	const second = granted(t, await postForm(client, {...refresh, refresh_token: first.refresh_token ?? ''}));
	const bearer = client.as({authorization: `Bearer ${second.token}`});
	answered(t, await bearer.request('GET', `${image.base}/manifests/latest`), 200);
	refused(
		t,
		await postForm(client, {...refresh, refresh_token: second.token}),
		[400, 401],
		'UNAUTHORIZED',
		'UNSUPPORTED',
	);
	const misused = client.as({authorization: `Bearer ${first.refresh_token}`});
	refused(t, await misused.request('GET', `${image.base}/manifests/latest`), 401, 'UNAUTHORIZED');
});

specify('token: a wrong password and an unknown name are refused in the same words', async (t, {client}) => {
	const answers: Answer[] = [];
	for (const user of ['admin', `nobody-${randomBytes(4).toString('hex')}`]) {
		const authorization = basicAuthorization(user, 'wrong');
		answers.push(await client.as({authorization}).request('GET', '/v2/token?service=registry'));
		answers.push(await client.as({authorization}).request('GET', '/v2/'));
	}
	for (const answer of answers) {
		refused(t, answer, 401, 'UNAUTHORIZED');
		t.deepEqual(answer.errors()[0]?.message, answers[0]?.errors()[0]?.message);
	}
});

specify('token: a form that asks for what is not offered is refused', async (t, {client}) => {
	for (const form of [
		{},
		{grant_type: 'client_credentials'},
		{grant_type: 'password', username: 'admin'},
		{grant_type: 'refresh_token'},
	]) {
		refused(t, await postForm(client, form as Record<string, string>), [400, 401], 'UNSUPPORTED', 'UNAUTHORIZED');
	}
});

specify('token: several scopes, apart or in one, are all granted', async (t, {client, image, newImage}) => {
	const images = [image, newImage(), newImage()] as const;
	for (const each of images) {
		await each.pushImage('latest');
	}
	const [first, second, third] = images.map(each => `repository:${each.name}:pull`) as [string, string, string];
	const bearer = await withToken(client, `${first} ${second}`, third);
	for (const each of images) {
		answered(t, await bearer.request('GET', `${each.base}/manifests/latest`), 200);
	}
});

specify('token: one without scopes signs in, and reads nothing', async (t, {client, image}) => {
	await image.pushImage('latest');
	const bearer = await withToken(client);
	answered(t, await bearer.request('GET', '/v2/'), 200);
	const answer = await bearer.request('GET', `${image.base}/manifests/latest`);
	refused(t, answer, 401, 'UNAUTHORIZED', 'DENIED');
	t.is(parseChallenge(answer.need('www-authenticate')).scope, `repository:${image.name}:pull`);
});

specify('token: one to push moves a tag that is there, as every client does', async (t, {client, image}) => {
	await image.pushImage('latest');
	const bearer = await withToken(client, `repository:${image.name}:pull,push`);
	const {manifest} = await bearer.image(image.name.slice('docker-local/'.length)).pushImage('latest');
	t.is((await image.request('HEAD', '/manifests/latest')).header('docker-content-digest'), manifest.digest);
});

specify('token: one for the catalog opens it', async (t, {client}) => {
	answered(t, await afterChallenge(client, 'GET', '/v2/_catalog'), 200);
	const other = await withToken(client, 'repository:docker-local/x:pull');
	const without = await other.request('GET', '/v2/_catalog');
	if (without.status === 200) {
		t.deepEqual(without.json(), {repositories: []});
	} else {
		refused(t, without, [401, 403], 'UNAUTHORIZED', 'DENIED');
	}
});

specify('token: a scope that means nothing is granted nothing, or refused', async (t, {client}) => {
	for (const scope of [
		'nonsense',
		'repository:',
		'repository:docker-local/a:',
		'a:b:c',
		'repository:../x:pull',
		':::',
		'repository:no-such/a:pull',
	]) {
		const answer = await askToken(client, '/v2/token', {service: 'registry', scope});
		if (answer.status === 200) {
			granted(t, answer);
		} else {
			refused(t, answer, 400, 'UNSUPPORTED');
		}
	}
});

specify('token: who guesses is told to wait, and nobody else has to', async (t, {client}) => {
	const authorization = basicAuthorization(`guessed-${randomBytes(4).toString('hex')}`, 'wrong');
	let answer = await client.as({authorization}).request('GET', '/v2/');
	for (let attempt = 0; answer.status === 401 && attempt < 20; attempt++) {
		answer = await client.as({authorization}).request('GET', '/v2/');
	}
	refused(t, answer, 429, 'TOOMANYREQUESTS');
	t.regex(answer.need('retry-after'), /^[1-9]\d*$/);
	answered(t, await client.request('GET', '/v2/'), 200);
});
