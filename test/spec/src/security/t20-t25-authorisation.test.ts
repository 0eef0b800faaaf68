import {addUser} from '../add-user.ts';
import {answered, refused} from '../assertions.ts';
import {attempts, bodyFor} from '../attempts.ts';
import {randomContent} from '../content.ts';
import {specification} from '../specification.ts';
import {withToken} from '../token.ts';

const specify = specification();

specify('T20: nothing of an image is open to who does not sign in, by any route or method', async (t, world) => {
	const stranger = world.client.as({authorization: undefined});
	for (const {method, path} of await attempts(world)) {
		for (const prefix of ['', '/api/docker/docker-local', '/artifactory/api/docker/docker-local']) {
			const asked = prefix === '' ? path : prefix + path.replace('/v2/docker-local/', '/v2/');
			const answer = await stranger.request(method, asked, bodyFor(method));
			t.is(answer.status, 401, `${method} ${asked}`);
			t.truthy(answer.header('www-authenticate'), `${method} ${asked}`);
			t.true(method !== 'HEAD' || answer.body.length === 0);
		}
	}
	answered(t, await world.image.request('HEAD', '/manifests/latest'), 200);
});

specify('T20: who does not sign in cannot tell what is there from what is not', async (t, {client, image}) => {
	const {manifest, layer} = await image.pushImage('latest');
	const stranger = client.as({authorization: undefined});
	const pairs = [
		['/manifests/latest', '/manifests/missing'],
		[`/manifests/${manifest.digest}`, `/manifests/${randomContent().digest}`],
		[`/blobs/${layer.digest}`, `/blobs/${randomContent().digest}`],
	] as const;
	for (const [there, missing] of pairs) {
		const [one, other] = [
			await stranger.request('GET', image.base + there),
			await stranger.request('GET', image.base + missing),
		];
		t.is(one.status, other.status);
		t.is(one.header('www-authenticate'), other.header('www-authenticate'));
		t.deepEqual(
			one.errors().map(error => [error.code, error.message]),
			other.errors().map(error => [error.code, error.message]),
		);
	}
	const [image1, image2] = [
		await stranger.request('GET', `${image.base}/tags/list`),
		await stranger.request('GET', `${image.base}x/tags/list`),
	];
	t.is(image1.status, image2.status);
	const repository = await stranger.request('GET', '/v2/no-such-repository/app/tags/list');
	t.is(repository.status, 401);
});

specify('T20: a token for another image opens nothing of this one', async (t, world) => {
	const other = await withToken(world.client, `repository:${world.newImage().name}:pull,push,delete`);
	for (const {method, path} of await attempts(world)) {
		const answer = await other.request(method, path, bodyFor(method));
		t.true([401, 403].includes(answer.status), `${method} ${path} ${answer.status}`);
	}
	answered(t, await world.image.request('HEAD', '/manifests/latest'), 200);
});

specify('T20: a token to pull opens what reads, and nothing else', async (t, world) => {
	const all = await attempts(world);
	const pull = await withToken(world.client, `repository:${world.image.name}:pull`);
	for (const {method, path, reads} of all) {
		const answer = await pull.request(method, path, bodyFor(method));
		if (reads) {
			t.is(answer.status, 200, `${method} ${path}`);
		} else {
			t.true([401, 403].includes(answer.status), `${method} ${path} ${answer.status}`);
		}
	}
	answered(t, await world.image.request('HEAD', '/manifests/latest'), 200);
});

specify('T20: what is asked of the server as a whole is closed to who does not sign in', async (t, {client}) => {
	const stranger = client.as({authorization: undefined});
	for (const path of [
		'/v2/',
		'/v2/_catalog',
		'/api/docker/docker-local/v2/_catalog',
		'/v2/token?service=s',
		'/metrics',
	]) {
		for (const method of ['GET', 'HEAD'] as const) {
			const answer = await stranger.request(method, path);
			t.true([401, 404, 405].includes(answer.status), `${method} ${path} ${answer.status}`);
		}
	}
});

specify(
	'T21: a blob or manifest of another image is not had by knowing its digest',
	async (t, {client, image, newImage}) => {
		const secret = await newImage().pushImage('latest');
		await image.pushImage('latest');
		const bearer = await withToken(client, `repository:${image.name}:pull,push,delete`);
		for (const spoken of [client, bearer]) {
			for (const path of [`/blobs/${secret.layer.digest}`, `/manifests/${secret.manifest.digest}`]) {
				for (const method of ['GET', 'HEAD', 'DELETE'] as const) {
					t.is((await spoken.request(method, image.base + path)).status, 404, `${method} ${path}`);
				}
			}
		}
	},
);

specify(
	'T22: a mount from an image that the token does not open is an upload, as if there were nothing',
	async (t, {client, image, newImage}) => {
		const source = newImage();
		const blob = await source.pushBlob(randomContent());
		const bearer = await withToken(client, `repository:${image.name}:pull,push`);
		const shapes: unknown[] = [];
		for (const query of [
			`mount=${blob.digest}&from=${source.name}`,
			`mount=${randomContent().digest}&from=${source.name}`,
			`mount=${blob.digest}&from=docker-local/no-such-image`,
			`mount=${blob.digest}`,
		]) {
			const answer = await bearer.request('POST', `${image.base}/blobs/uploads/?${query}`);
			answered(t, answer, 202);
			shapes.push([answer.header('range'), answer.body.length, Object.keys(answer.headers).toSorted()]);
		}
		t.true(
			shapes.every(shape => JSON.stringify(shape) === JSON.stringify(shapes[0])),
			JSON.stringify(shapes),
		);
		answered(t, await image.request('HEAD', `/blobs/${blob.digest}`), 404);
	},
);

specify('T23: an upload is nothing to another image, whoever asks', async (t, {client, image, newImage}) => {
	const blob = randomContent();
	const upload = await image.append(await image.startUpload(), blob.bytes);
	const other = newImage();
	const stolen = upload.replace(image.base, other.base);
	t.not(stolen, upload);
	const bearer = await withToken(client, `repository:${other.name}:pull,push,delete`);
	for (const spoken of [client, bearer]) {
		for (const [method, path] of [
			['GET', stolen],
			['PATCH', stolen],
			['PUT', `${stolen}?digest=${blob.digest}`],
			['DELETE', stolen],
		] as const) {
			refused(t, await spoken.request(method, path, bodyFor(method)), 404, 'BLOB_UPLOAD_UNKNOWN');
		}
	}
	answered(t, await image.finish(upload, blob.digest), 201);
	answered(t, await other.request('HEAD', `/blobs/${blob.digest}`), 404);
});

specify('T23: an upload is nothing to another user, though he may push to the same image', async (t, world) => {
	const {client, image, registry} = world;
	const [one, other] = [await addUser(registry), await addUser(registry)];
	const users = {[one.name]: ['r', 'w'], [other.name]: ['r', 'w', 'd']};
	const body = JSON.stringify({repositories: ['docker-local'], principals: {users}});
	const headers = {'content-type': 'application/json'};
	answered(t, await client.request('PUT', `/api/security/permissions/${one.name}`, {headers, body}), 201);
	const blob = randomContent();
	const [mine, his] = [one, other].map(user => user.client.image(image.name.slice('docker-local/'.length)));
	const upload = await mine!.append(await mine!.startUpload(), blob.bytes);
	await his!.startUpload();
	const bearer = await withToken(other.client, `repository:${image.name}:pull,push,delete`);
	for (const spoken of [other.client, bearer, client]) {
		for (const [method, path] of [
			['GET', upload],
			['PATCH', upload],
			['PUT', `${upload}?digest=${blob.digest}`],
			['DELETE', upload],
		] as const) {
			refused(t, await spoken.request(method, path, bodyFor(method)), 404, 'BLOB_UPLOAD_UNKNOWN');
		}
	}
	answered(t, await mine!.finish(upload, blob.digest), 201);
	t.deepEqual((await mine!.request('GET', `/blobs/${blob.digest}`)).body, blob.bytes);
});

specify('T24: a token to pull neither makes nor moves a tag', async (t, {client, image}) => {
	const first = await image.pushImage('latest');
	const second = await image.pushImage();
	const pull = (await withToken(client, `repository:${image.name}:pull`)).image(
		image.name.slice('docker-local/'.length),
	);
	for (const reference of [
		'latest',
		'new',
		`${second.manifest.digest}?tag=latest`,
		`${second.manifest.digest}?tag=new`,
	]) {
		t.true([401, 403].includes((await pull.putManifest(second.manifest, reference)).status), reference);
	}
	t.is((await image.request('HEAD', '/manifests/latest')).header('docker-content-digest'), first.manifest.digest);
	answered(t, await image.request('HEAD', '/manifests/new'), 404);
});

specify('T25: without the right to delete, nothing is deleted by any way', async (t, {client, image}) => {
	const {manifest} = await image.pushImage('latest');
	const loose = await image.pushBlob(randomContent());
	const pull = await withToken(client, `repository:${image.name}:pull`);
	for (const spoken of [pull, client.as({authorization: undefined})]) {
		for (const path of ['/manifests/latest', `/manifests/${manifest.digest}`, `/blobs/${loose.digest}`]) {
			t.true([401, 403].includes((await spoken.request('DELETE', image.base + path)).status), path);
		}
	}
	for (const path of ['/manifests/latest', `/manifests/${manifest.digest}`, `/blobs/${loose.digest}`]) {
		answered(t, await image.request('HEAD', path), 200);
	}
});
