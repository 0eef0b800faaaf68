import {digestOf} from '@stowage/core';
import test, {type ExecutionContext} from 'ava';
import {startApp} from '../../http/fixtures/start-app.ts';

const manifestType = 'application/vnd.oci.image.manifest.v1+json';
const indexType = 'application/vnd.oci.image.index.v1+json';

async function start(t: ExecutionContext) {
	const app = await startApp();
	t.teardown(() => app.stop());
	const headers = {authorization: app.admin};
	const ask = async (method: string, path: string, body?: object, as = app.admin) => {
		const sent = {authorization: as, 'content-type': 'application/json'};
		const response = await fetch(app.url + path, {method, headers: sent, body: body && JSON.stringify(body)});
		return {status: response.status, text: await response.text()};
	};
	const push = async (image: string, reference: string, manifest: object, type = manifestType) => {
		const sent = {...headers, 'content-type': type};
		const bytes = Buffer.from(JSON.stringify(manifest));
		const name = reference === '' ? digestOf(bytes) : reference;
		const response = await fetch(`${app.url}/v2/${image}/manifests/${name}`, {
			method: 'PUT',
			headers: sent,
			body: bytes,
		});
		t.is(response.status, 201, await response.text());
		return {mediaType: type, digest: digestOf(bytes), size: bytes.length};
	};
	const upload = async (image: string, text: string) => {
		const bytes = Buffer.from(text);
		const url = `${app.url}/v2/${image}/blobs/uploads/?digest=${digestOf(bytes)}`;
		t.is((await fetch(url, {method: 'POST', headers, body: bytes})).status, 201);
		return {mediaType: 'application/octet-stream', digest: digestOf(bytes), size: bytes.length};
	};
	const statusOf = async (path: string) => (await fetch(app.url + path, {headers})).status;
	return {app, ask, push, upload, statusOf};
}

type World = Awaited<ReturnType<typeof start>>;

async function pushImage({push, upload}: World, image: string, tag: string, layers = 2, platforms = 2) {
	const config = await upload(image, '{}');
	const blobs = [];
	for (let index = 0; index < layers; index++) {
		blobs.push(await upload(image, `${image} layer ${index}`));
	}
	const manifests = [];
	for (let index = 0; index < platforms; index++) {
		const annotations = {platform: `${tag} ${index}`};
		manifests.push(
			await push(image, '', {schemaVersion: 2, mediaType: manifestType, config, layers: blobs, annotations}),
		);
	}
	const index = await push(image, tag, {schemaVersion: 2, mediaType: indexType, manifests}, indexType);
	const empty = {schemaVersion: 2, mediaType: manifestType, artifactType: 'text/signature', config, layers: [config]};
	const signature = await push(image, '', {...empty, subject: index});
	const companion = await push(image, `${index.digest.replace(':', '-')}.sig`, {...empty, artifactType: 'text/cosign'});
	return {index, manifests, signature, companion, blobs};
}

test('a promotion as JFrog sends it moves the image with all that belongs to it', async t => {
	const world = await start(t);
	const {index, manifests, signature, companion, blobs} = await pushImage(world, 'docker-local/team/app', '1.0');
	const sent = {
		targetRepo: 'docker-dev',
		dockerRepository: 'team/app',
		targetDockerRepository: '',
		tag: '1.0',
		targetTag: '',
		copy: false,
	};
	const answer = await world.ask('POST', '/artifactory/api/docker/docker-local/v2/promote', sent);
	t.deepEqual(answer, {status: 200, text: 'Promotion ended successfully\n'});
	for (const {digest} of [index, ...manifests, signature, companion]) {
		t.is(await world.statusOf(`/v2/docker-dev/team/app/manifests/${digest}`), 200);
		t.is(await world.statusOf(`/v2/docker-local/team/app/manifests/${digest}`), 404);
	}
	for (const {digest} of blobs) {
		t.is(await world.statusOf(`/v2/docker-dev/team/app/blobs/${digest}`), 200);
	}
	t.is(await world.statusOf(`/v2/docker-dev/team/app/manifests/${index.digest.replace(':', '-')}.sig`), 200);
	t.is((await world.ask('POST', '/api/docker/docker-local/v2/promote', sent)).status, 404);
});

test('a copy to another name, another tag, of the whole image, and through a virtual repository', async t => {
	const world = await start(t);
	await pushImage(world, 'docker-local/app', '1.0');
	const promote = (body: object, key = 'docker-local') =>
		world.ask('POST', `/api/docker/${key}/v2/promote`, {dockerRepository: 'app', copy: true, ...body});
	const named = {targetRepo: 'docker-dev', targetDockerRepository: 'prod/app', tag: '1.0', targetTag: 'latest'};
	t.is((await promote(named)).status, 200);
	t.is(await world.statusOf('/v2/docker-dev/prod/app/manifests/latest'), 200);
	t.is((await promote({targetRepo: 'docker-dev', tag: null})).status, 200);
	t.is(await world.statusOf('/v2/docker-dev/app/manifests/1.0'), 200);
	const repositories = ['docker-local', 'docker-dev'];
	await world.ask('PUT', '/api/repositories/all', {
		rclass: 'virtual',
		repositories,
		defaultDeploymentRepo: 'docker-dev',
	});
	t.is((await promote({targetRepo: 'all', targetDockerRepository: 'through', tag: '1.0'})).status, 200);
	t.is(await world.statusOf('/v2/docker-dev/through/manifests/1.0'), 200);
	t.is((await promote({targetRepo: 'docker-local', tag: '1.0', targetTag: '2.0'})).status, 200);
	t.is(await world.statusOf('/v2/docker-local/app/manifests/2.0'), 200);
});

const refused = [
	{what: 'no target', body: {dockerRepository: 'app'}, status: 400},
	{what: 'no image', body: {targetRepo: 'docker-dev'}, status: 400},
	{what: 'a bad image', body: {targetRepo: 'docker-dev', dockerRepository: '../x'}, status: 400},
	{what: 'a bad tag', body: {targetRepo: 'docker-dev', dockerRepository: 'app', tag: 'a b'}, status: 400},
	{
		what: 'another tag for a whole image',
		body: {targetRepo: 'docker-dev', dockerRepository: 'app', targetTag: 'x'},
		status: 400,
	},
	{what: 'itself', body: {targetRepo: 'docker-local', dockerRepository: 'app', tag: '1.0'}, status: 400},
	{what: 'an unknown tag', body: {targetRepo: 'docker-dev', dockerRepository: 'app', tag: '9'}, status: 404},
	{what: 'an unknown image', body: {targetRepo: 'docker-dev', dockerRepository: 'none'}, status: 404},
	{what: 'an unknown repository', body: {targetRepo: 'none', dockerRepository: 'app'}, status: 404},
	{what: 'a virtual one without a target', body: {targetRepo: 'all', dockerRepository: 'app'}, status: 400},
	{what: 'a remote one', body: {targetRepo: 'hub', dockerRepository: 'app'}, status: 400},
];

test('what cannot be promoted is refused with what is wrong', async t => {
	const world = await start(t);
	await pushImage(world, 'docker-local/app', '1.0');
	await world.ask('PUT', '/api/repositories/all', {rclass: 'virtual', repositories: ['docker-local']});
	await world.ask('PUT', '/api/repositories/hub', {rclass: 'remote', url: 'https://registry-1.docker.io/'});
	for (const {what, body, status} of refused) {
		const answer = await world.ask('POST', '/api/docker/docker-local/v2/promote', body);
		t.is(answer.status, status, `${what}: ${answer.text}`);
		t.like(JSON.parse(answer.text), {errors: [{status}]}, what);
	}
	t.is((await world.ask('POST', '/api/docker/none/v2/promote', {targetRepo: 'a', dockerRepository: 'b'})).status, 404);
});

test('the indexes that have a manifest are found, through a virtual repository too', async t => {
	const world = await start(t);
	const {index, manifests} = await pushImage(world, 'docker-local/app', '1.0');
	await world.ask('PUT', '/api/repositories/all', {rclass: 'virtual', repositories: ['docker-dev', 'docker-local']});
	const parents = [{repository: 'docker-local', ...index, tags: ['1.0']}];
	for (const key of ['docker-local', 'all']) {
		const path = `/artifactory/api/docker/${key}/v2/app/manifests/${manifests[0]?.digest}/parents`;
		const found = await world.ask('GET', path);
		t.deepEqual(JSON.parse(found.text), {image: 'app', digest: manifests[0]?.digest, parents});
	}
	const none = await world.ask('GET', `/api/docker/docker-local/v2/app/manifests/${index.digest}/parents`);
	t.deepEqual(JSON.parse(none.text), {image: 'app', digest: index.digest, parents: []});
	const strict = {rclass: 'virtual', repositories: ['docker-local'], excludesPattern: 'app'};
	await world.ask('PUT', '/api/repositories/strict', strict);
	await world.ask('PUT', '/api/repositories/around', {rclass: 'virtual', repositories: ['strict']});
	for (const key of ['strict', 'around']) {
		const left = await world.ask('GET', `/api/docker/${key}/v2/app/manifests/${manifests[0]?.digest}/parents`);
		t.deepEqual((JSON.parse(left.text) as {parents: object[]}).parents, [], key);
	}
});

test('a promotion asks for rights on both repositories, and tells nobody more than he may know', async t => {
	const world = await start(t);
	await pushImage(world, 'docker-local/app', '1.0');
	const dev = `Basic ${Buffer.from('dev:correct horse battery').toString('base64')}`;
	const user = {name: 'dev', email: 'dev@example.com', password: 'correct horse battery'};
	t.is((await world.ask('PUT', '/api/security/users/dev', user)).status, 201);
	const grant = async (repository: string, ...rights: readonly string[]) => {
		const principals = {users: {dev: rights}, groups: {}};
		const answer = await world.ask('PUT', `/api/security/permissions/${repository}`, {
			repositories: [repository],
			principals,
		});
		t.true([200, 201].includes(answer.status), answer.text);
	};
	const body = {targetRepo: 'docker-dev', dockerRepository: 'app', tag: '1.0'};
	const promote = async (more: object = {}, as = dev) =>
		(await world.ask('POST', '/api/docker/docker-local/v2/promote', {...body, ...more}, as)).status;
	t.is(await promote({copy: true}), 403, 'nothing is allowed');
	await grant('docker-local', 'r');
	t.is(await promote({copy: true}), 403, 'he may not write to the target');
	t.is(await promote({copy: true, targetRepo: 'none'}), 403, 'nor learn what there is not');
	await grant('docker-dev', 'w');
	t.is(await promote({copy: true, targetTag: 'latest'}), 403, 'another tag asks to annotate the source');
	t.is(await promote(), 403, 'a move asks to delete from the source');
	t.is(await promote({copy: true}), 200);
	await world.push('docker-dev/app', '1.0', {schemaVersion: 2, mediaType: indexType, manifests: []}, indexType);
	t.is(await promote({copy: true}), 403, 'moving a tag of the target asks to delete there');
	await grant('docker-dev', 'w', 'd');
	t.is(await promote({copy: true}), 200);
	await grant('docker-local', 'r', 'n', 'd');
	t.is(await promote({targetTag: 'latest'}), 200);
	t.is(await promote({}, ''), 401);
});
