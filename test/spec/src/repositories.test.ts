import {answered, refused} from './assertions.ts';
import {randomContent} from './content.ts';
import {octets} from './image-client.ts';
import {type SpecWorld, specification} from './specification.ts';
import {withToken} from './token.ts';

const specify = specification({
	bootstrap: {repositories: {'docker-local': {type: 'local'}, 'other-local': {type: 'local'}}},
});

/** Images of one name in both repositories. */
function twins({client, image}: SpecWorld) {
	const name = image.name.slice('docker-local/'.length);
	return {here: image, there: client.image(name, '/v2/other-local'), name};
}

specify('repositories: images of one name in two of them have nothing in common', async (t, world) => {
	const {here, there} = twins(world);
	const [one, other] = [await here.pushImage('latest'), await there.pushImage('latest')];
	t.is((await here.request('HEAD', '/manifests/latest')).header('docker-content-digest'), one.manifest.digest);
	t.is((await there.request('HEAD', '/manifests/latest')).header('docker-content-digest'), other.manifest.digest);
	for (const path of [`/manifests/${other.manifest.digest}`, `/blobs/${other.layer.digest}`]) {
		answered(t, await here.request('GET', path), 404);
		answered(t, await here.request('DELETE', path), 404);
		answered(t, await there.request('GET', path), 200);
	}
	const {repositories} = (await world.client.request('GET', '/v2/_catalog')).json<{repositories: string[]}>();
	t.true(repositories.includes(here.name) && repositories.includes(there.name));
});

specify('repositories: a blob is mounted from one into another', async (t, world) => {
	const {here, there} = twins(world);
	const blob = await there.pushBlob(randomContent());
	answered(t, await here.request('POST', `/blobs/uploads/?mount=${blob.digest}&from=${there.name}`), 201);
	answered(t, await there.request('DELETE', `/blobs/${blob.digest}`), 202);
	t.deepEqual((await here.request('GET', `/blobs/${blob.digest}`)).body, blob.bytes);
});

specify('repositories: without a source, a mount does not look into others', async (t, world) => {
	const {here, there} = twins(world);
	const blob = await there.pushBlob(randomContent());
	answered(t, await here.request('POST', `/blobs/uploads/?mount=${blob.digest}`), 202);
});

specify('T23: an upload is nothing to the same image of another repository', async (t, world) => {
	const {here, there} = twins(world);
	const blob = randomContent();
	const upload = await here.append(await here.startUpload(), blob.bytes);
	const stolen = upload.replace('/v2/docker-local/', '/v2/other-local/');
	for (const method of ['GET', 'PATCH', 'PUT', 'DELETE'] as const) {
		const path = method === 'PUT' ? `${stolen}?digest=${blob.digest}` : stolen;
		const body = method === 'PATCH' ? 'bytes' : undefined;
		refused(t, await world.client.request(method, path, {headers: octets, body}), 404, 'BLOB_UPLOAD_UNKNOWN');
	}
	answered(t, await here.finish(upload, blob.digest), 201);
	answered(t, await there.request('HEAD', `/blobs/${blob.digest}`), 404);
});

specify('T22: a token for one repository mounts nothing from another', async (t, world) => {
	const {here, there} = twins(world);
	const blob = await there.pushBlob(randomContent());
	const bearer = await withToken(world.client, `repository:${here.name}:pull,push`);
	const query = `mount=${blob.digest}&from=${there.name}`;
	answered(t, await bearer.request('POST', `${here.base}/blobs/uploads/?${query}`), 202);
	const open = await withToken(world.client, `repository:${here.name}:pull,push`, `repository:${there.name}:pull`);
	answered(t, await open.request('POST', `${here.base}/blobs/uploads/?${query}`), 201);
});

specify('T31: a token for an image of one repository opens none of that name in another', async (t, world) => {
	const {here, there, name} = twins(world);
	await here.pushImage('latest');
	await there.pushImage('latest');
	const inPath = await withToken(world.client, `repository:${here.name}:pull`);
	const scope = encodeURIComponent(`repository:${name}:pull`);
	const rest = await world.client.request('GET', `/api/docker/docker-local/v2/token?service=s&scope=${scope}`);
	const inRest = world.client.as({authorization: `Bearer ${rest.json<{token: string}>().token}`});
	for (const bearer of [inPath, inRest]) {
		answered(t, await bearer.request('GET', `${here.base}/manifests/latest`), 200);
		answered(t, await bearer.request('GET', `/api/docker/docker-local/v2/${name}/manifests/latest`), 200);
		answered(t, await bearer.request('GET', `${there.base}/manifests/latest`), 401);
		answered(t, await bearer.request('GET', `/api/docker/other-local/v2/${name}/manifests/latest`), 401);
	}
});
