import {answered, refused} from './assertions.ts';
import {specification} from './specification.ts';

const specify = specification();

specify('end-1: a caller who signs in is told that this is a registry', async (t, {client}) => {
	const answer = await client.request('GET', '/v2/');
	answered(t, answer, 200);
	t.is(answer.header('docker-distribution-api-version'), 'registry/2.0');
	t.regex(answer.need('content-type'), /^application\/json\b/);
	t.deepEqual(answer.json(), {});
});

specify('end-1: HEAD says the same without a body', async (t, {client}) => {
	const answer = await client.request('HEAD', '/v2/');
	answered(t, answer, 200);
	t.is(answer.header('docker-distribution-api-version'), 'registry/2.0');
	t.is(answer.body.length, 0);
});

specify('end-1: who does not sign in is challenged, and told that this is a registry', async (t, {client}) => {
	const answer = await client.as({authorization: undefined}).request('GET', '/v2/');
	refused(t, answer, 401, 'UNAUTHORIZED');
	t.is(answer.header('docker-distribution-api-version'), 'registry/2.0');
	t.regex(answer.need('www-authenticate'), /^Bearer realm="http:\/\/127\.0\.0\.1:\d+\/v2\/token",service="[^"]+"$/);
});

specify('end-1: the address without its last slash is the same, or leads there', async (t, {client}) => {
	const answer = await client.request('GET', '/v2');
	if (answer.status !== 200) {
		t.true([301, 307, 308].includes(answer.status));
		t.is(client.resolve(answer.need('location'), '/v2'), '/v2/');
	}
	t.is(answer.header('docker-distribution-api-version'), 'registry/2.0');
});

specify('end-1: nothing can be sent to it', async (t, {client}) => {
	for (const method of ['POST', 'PUT', 'PATCH', 'DELETE'] as const) {
		refused(t, await client.request(method, '/v2/'), [404, 405], 'UNSUPPORTED');
	}
});
