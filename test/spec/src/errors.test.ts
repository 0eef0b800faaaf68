import {answered, refused} from './assertions.ts';
import {content, imageManifest, indexManifest, mediaTypes, randomContent} from './content.ts';
import {octets} from './image-client.ts';
import {specification} from './specification.ts';

const specify = specification();
const limited = specification({uploads: {openPerUser: 3}});

specify('errors: BLOB_UNKNOWN is 404', async (t, {image}) => {
	await image.pushImage();
	refused(t, await image.request('GET', `/blobs/${randomContent().digest}`), 404, 'BLOB_UNKNOWN');
});

specify('errors: BLOB_UPLOAD_UNKNOWN is 404', async (t, {image}) => {
	const path = `${image.base}/blobs/uploads/0b3f9b0e-3b1a-4d7e-9c5f-000000000000`;
	refused(t, await image.client.request('GET', path), 404, 'BLOB_UPLOAD_UNKNOWN');
});

specify('errors: a chunk out of order is 416', async (t, {image}) => {
	const upload = await image.startUpload();
	const headers = {...octets, 'content-range': '5-9'};
	refused(
		t,
		await image.client.request('PATCH', upload, {headers, body: '12345'}),
		416,
		'RANGE_INVALID',
		'BLOB_UPLOAD_INVALID',
	);
});

specify('errors: DIGEST_INVALID is 400', async (t, {image}) => {
	refused(t, await image.finish(await image.startUpload(), randomContent().digest, 'other'), 400, 'DIGEST_INVALID');
});

specify('errors: MANIFEST_BLOB_UNKNOWN tells the digest in its detail', async (t, {image}) => {
	const missing = randomContent();
	const answer = await image.putManifest(imageManifest({config: missing}), 'latest');
	refused(t, answer, [400, 404], 'MANIFEST_BLOB_UNKNOWN');
	t.true(JSON.stringify(answer.errors()[0]?.detail).includes(missing.digest));
});

specify('errors: MANIFEST_INVALID is 400', async (t, {image}) => {
	refused(t, await image.putManifest(content('nonsense', mediaTypes.image), 'latest'), 400, 'MANIFEST_INVALID');
});

specify('errors: MANIFEST_UNKNOWN is 404', async (t, {image}) => {
	await image.pushImage('latest');
	refused(t, await image.request('GET', '/manifests/other'), 404, 'MANIFEST_UNKNOWN');
});

specify('errors: NAME_INVALID is 400', async (t, {client}) => {
	refused(t, await client.request('GET', '/v2/docker-local/UPPER/tags/list'), 400, 'NAME_INVALID');
});

specify('errors: NAME_UNKNOWN is 404', async (t, {client, image}) => {
	refused(t, await image.request('GET', '/tags/list'), 404, 'NAME_UNKNOWN');
	refused(t, await client.request('GET', '/v2/no-such-repository/app/tags/list'), 404, 'NAME_UNKNOWN');
	refused(t, await client.request('GET', '/v2/docker-local/tags/list'), 404, 'NAME_UNKNOWN', 'UNSUPPORTED');
});

specify('errors: TAG_INVALID is 400', async (t, {image}) => {
	const {manifest} = await image.pushImage();
	refused(t, await image.putManifest(manifest, '-bad'), 400, 'TAG_INVALID', 'MANIFEST_INVALID');
});

specify('errors: UNAUTHORIZED is 401, with a challenge', async (t, {client, image}) => {
	const answer = await client.as({authorization: undefined}).request('GET', `${image.base}/tags/list`);
	refused(t, answer, 401, 'UNAUTHORIZED');
	t.truthy(answer.header('www-authenticate'));
});

specify('errors: DENIED is 403, and says of what', async (t, {image}) => {
	const {manifest} = await image.pushImage();
	const index = await image.pushManifest(indexManifest([manifest.descriptor]), 'latest');
	const answer = await image.request('DELETE', `/manifests/${manifest.digest}`);
	refused(t, answer, 403, 'DENIED');
	t.true((answer.errors()[0]?.message.length ?? 0) > 10);
	answered(t, await image.request('HEAD', `/manifests/${index.digest}`), 200);
});

specify('errors: UNSUPPORTED is 405, and says what is', async (t, {image}) => {
	await image.pushImage('latest');
	for (const [method, path] of [
		['POST', '/manifests/latest'],
		['PATCH', '/manifests/latest'],
		['PUT', '/tags/list'],
		['DELETE', '/tags/list'],
		['POST', `/referrers/${randomContent().digest}`],
		['PUT', `/blobs/${randomContent().digest}`],
	] as const) {
		const answer = await image.request(method, path, {headers: octets, body: ''});
		refused(t, answer, [404, 405], 'UNSUPPORTED', 'NAME_UNKNOWN');
		if (answer.status === 405) {
			t.truthy(answer.header('allow'));
		}
	}
});

limited('errors: TOOMANYREQUESTS is 429, and says when to come again', async (t, {image}) => {
	const uploads = [await image.startUpload(), await image.startUpload(), await image.startUpload()];
	const answer = await image.request('POST', '/blobs/uploads/');
	refused(t, answer, 429, 'TOOMANYREQUESTS');
	t.regex(answer.need('retry-after'), /^\d+$/);
	answered(t, await image.client.request('DELETE', uploads[0] ?? ''), 204);
	answered(t, await image.request('POST', '/blobs/uploads/'), 202);
});

specify('errors: HEAD is refused without a body, and with the length that GET would have', async (t, {image}) => {
	await image.pushImage();
	const answer = await image.request('HEAD', '/manifests/none');
	answered(t, answer, 404);
	t.is(answer.body.length, 0);
});

for (const path of [
	'/v2/unknown',
	'/v2/docker-local/app',
	'/v2/docker-local/app/unknown/x',
	'/v2/docker-local/app/manifests/',
	'/v2/_oci/ext/discover',
	'/v2//',
]) {
	specify(`errors: ${path} is nothing, and says so in the specification's form`, async (t, {client}) => {
		refused(
			t,
			await client.request('GET', path),
			[400, 404],
			'NAME_UNKNOWN',
			'NAME_INVALID',
			'UNSUPPORTED',
			'TAG_INVALID',
		);
	});
}

specify('errors: nothing inside shows through', async (t, {client, image}) => {
	for (const path of [
		'/v2/docker-local/a%00b/tags/list',
		`${image.base}/manifests/%ff`,
		`${image.base}/blobs/%E0%A4%A`,
	]) {
		const answer = await client.request('GET', path);
		refused(
			t,
			answer,
			[400, 404],
			'NAME_INVALID',
			'TAG_INVALID',
			'DIGEST_INVALID',
			'NAME_UNKNOWN',
			'MANIFEST_UNKNOWN',
			'UNSUPPORTED',
		);
		t.notRegex(answer.body.toString(), /\bat .*\.ts:|node_modules|SQLITE|knex|\/src\//i);
	}
});

specify('errors: a parameter that comes twice is no trouble', async (t, {client, image}) => {
	const {manifest, layer} = await image.pushImage('latest');
	const base = image.base;
	for (const [method, path] of [
		['GET', `${base}/tags/list?n=1&n=2&last=a&last=b`],
		['GET', `${base}/tags/list?n[]=1&last[x]=y`],
		['GET', `/v2/_catalog?n=1&n=x&last=a&last=b`],
		['GET', `${base}/referrers/${manifest.digest}?artifactType=a&artifactType=b`],
		['POST', `${base}/blobs/uploads/?mount=${layer.digest}&mount=x&from=a&from=b`],
		['POST', `${base}/blobs/uploads/?digest-algorithm=sha256&digest-algorithm=sha512`],
		['POST', `${base}/blobs/uploads/?digest=${layer.digest}&digest=x`],
		['GET', `${base}/manifests/latest?ns=a&ns=b`],
		['GET', '/v2/token?service=a&service=b&offline_token=true&offline_token=false&account=a&account=b'],
	] as const) {
		const answer = await client.request(method, path, method === 'POST' ? {headers: octets, body: ''} : {});
		t.true(answer.status < 500, `${method} ${path} ${answer.status}`);
	}
});

specify('errors: the colon of a digest may be written as an escape', async (t, {image}) => {
	const {manifest, layer} = await image.pushImage();
	for (const escaped of ['%3A', '%3a']) {
		answered(t, await image.request('GET', `/manifests/${manifest.digest.replace(':', escaped)}`), 200);
		answered(t, await image.request('GET', `/blobs/${layer.digest.replace(':', escaped)}`), 200);
		answered(t, await image.request('GET', `/referrers/${manifest.digest.replace(':', escaped)}`), 200);
	}
});
