import {randomBytes} from 'node:crypto';
import {type AddedUser, addUser} from '../add-user.ts';
import {answered, refused} from '../assertions.ts';
import {expect} from '../image-client.ts';
import type {RegistryClient} from '../registry-client.ts';
import {type SpecWorld, specification} from '../specification.ts';
import {withToken} from '../token.ts';

const specify = specification({
	bootstrap: {
		repositories: {
			'open-local': {type: 'local'},
			'secret-local': {type: 'local'},
			inner: {type: 'virtual', options: {repositories: ['secret-local']}},
			docker: {
				type: 'virtual',
				options: {repositories: ['inner', 'open-local'], defaultDeploymentRepo: 'open-local'},
			},
		},
	},
});

/** Somebody with these rights on `open-local` and none on any other repository, the virtual ones included. */
async function addMember({registry, client}: SpecWorld, rights: readonly string[]): Promise<AddedUser> {
	const user = await addUser(registry);
	const target = {repositories: ['open-local'], principals: {users: {[user.name]: rights}}};
	const name = `target-${randomBytes(4).toString('hex')}`;
	const headers = {'content-type': 'application/json'};
	const body = JSON.stringify(target);
	expect(await client.request('PUT', `/api/security/permissions/${name}`, {headers, body}), 201);
	return user;
}

function imagesOf({client}: SpecWorld, name = `t27/${randomBytes(6).toString('hex')}`) {
	const at = (key: string, who: RegistryClient = client) => who.image(name, `/v2/${key}`);
	return {name, at};
}

/** The same client with its password, and with a token for what it asks. */
async function credentials(user: AddedUser, ...scopes: string[]): Promise<readonly RegistryClient[]> {
	return [user.client, await withToken(user.client, ...scopes)];
}

specify('T27: a right on a member is one on the virtual repository, as far as that member goes', async (t, world) => {
	const user = await addMember(world, ['r']);
	const {name, at} = imagesOf(world);
	const {layer} = await at('open-local').pushImage('shown');
	const hidden = await at('secret-local').pushImage('hidden');
	for (const client of await credentials(user, `repository:docker/${name}:pull`)) {
		const image = at('docker', client);
		const shown = expect(await image.request('GET', '/manifests/shown'), 200);
		t.is(shown.header('x-artifactory-docker-registry'), 'open-local');
		answered(t, await image.request('GET', `/blobs/${layer.digest}`), 200);
		refused(t, await image.request('GET', '/manifests/hidden'), 404, 'MANIFEST_UNKNOWN');
		refused(t, await image.request('GET', `/manifests/${hidden.manifest.digest}`), 404, 'MANIFEST_UNKNOWN');
		refused(t, await image.request('GET', `/blobs/${hidden.layer.digest}`), 404, 'BLOB_UNKNOWN');
		t.is((await image.request('HEAD', `/blobs/${hidden.layer.digest}`)).status, 404);
		t.deepEqual((await image.request('GET', '/tags/list')).json<{tags: string[]}>().tags, ['shown']);
	}
	answered(t, await at('docker').request('GET', '/manifests/hidden'), 200);
});

specify('T27: neither referrers nor images of a member are listed to who may not read it', async (t, world) => {
	const user = await addMember(world, ['r']);
	const {name, at} = imagesOf(world);
	const other = imagesOf(world);
	const {manifest} = await at('open-local').pushImage('shown');
	await at('secret-local').pushImage(undefined, {subject: manifest.descriptor});
	await other.at('secret-local').pushImage('hidden');
	for (const client of await credentials(user, `repository:docker/${name}:pull`, 'registry:catalog:*')) {
		const referrers = await at('docker', client).request('GET', `/referrers/${manifest.digest}`);
		t.deepEqual(referrers.json<{manifests: object[]}>().manifests, []);
		for (const path of ['/api/docker/docker/v2/_catalog', '/v2/_catalog']) {
			const catalog = (await client.request('GET', path)).json<{repositories: string[]}>().repositories.join(' ');
			t.true(catalog.includes(name) && !catalog.includes(other.name), `${path}: ${catalog}`);
		}
		t.not((await other.at('docker', client).request('GET', '/tags/list')).status, 200);
	}
});

specify(
	'T27: who may push to the member pushes through the virtual repository, and moves no tag of it',
	async (t, world) => {
		const user = await addMember(world, ['r', 'w']);
		const {name, at} = imagesOf(world);
		for (const client of await credentials(user, `repository:docker/${name}:pull,push`)) {
			const image = at('docker', client);
			const tag = randomBytes(4).toString('hex');
			await image.pushImage(tag);
			t.is((await image.request('HEAD', `/manifests/${tag}`)).header('x-artifactory-docker-registry'), 'open-local');
			const another = await image.pushImage();
			refused(t, await image.putManifest(another.manifest, tag), 403, 'DENIED');
			t.true([401, 403].includes((await image.request('DELETE', `/manifests/${tag}`)).status));
		}
	},
);

specify('T27: who may only read the member pushes nothing, and mounts nothing of another', async (t, world) => {
	const reader = await addMember(world, ['r']);
	const pusher = await addMember(world, ['r', 'w']);
	const {name, at} = imagesOf(world);
	const secret = imagesOf(world);
	const {layer} = await secret.at('secret-local').pushImage('hidden');
	for (const client of await credentials(reader, `repository:docker/${name}:pull,push`)) {
		t.true([401, 403].includes((await at('docker', client).request('POST', '/blobs/uploads/')).status));
	}
	for (const client of await credentials(
		pusher,
		`repository:docker/${name}:pull,push`,
		`repository:docker/${secret.name}:pull`,
	)) {
		for (const from of [`docker/${secret.name}`, `inner/${secret.name}`, `secret-local/${secret.name}`]) {
			const query = `?mount=${layer.digest}&from=${from}`;
			answered(t, await at('docker', client).request('POST', `/blobs/uploads/${query}`), 202);
		}
	}
});

specify('T27: who has no right on any member has none on the virtual repository', async (t, world) => {
	const {client} = await addUser(world.registry);
	const {at} = imagesOf(world);
	await at('open-local').pushImage('shown');
	refused(t, await at('docker', client).request('GET', '/manifests/shown'), 403, 'DENIED');
	refused(t, await at('inner', client).request('GET', '/tags/list'), 403, 'DENIED');
});
