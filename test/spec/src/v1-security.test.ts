import {createHash, randomBytes} from 'node:crypto';
import {gzipSync} from 'node:zlib';
import type {ExecutionContext} from 'ava';
import {addUser} from './add-user.ts';
import type {Answer} from './answer.ts';
import {answered} from './assertions.ts';
import {type SpecWorld, specification} from './specification.ts';
import {V1Client, type V1ImageFixture, v1Image, v1Images} from './v1-client.ts';

const specify = specification({
	bootstrap: {
		repositories: {
			old: {type: 'local', options: {dockerApiVersion: 'V1'}},
			'older-old': {type: 'local', options: {dockerApiVersion: 'V1'}},
			ruled: {
				type: 'local',
				options: {dockerApiVersion: 'V1', includesPattern: 'team/**', immutableTags: ['v*']},
			},
		},
	},
});

const base = '/api/docker/old/v1';
const newName = () => `team/${randomBytes(8).toString('hex')}`;
const newId = () => randomBytes(32).toString('hex');

function errorOf(answer: Answer): string {
	return answer.json<{error: string}>().error;
}

/** The answer says what is wrong in the form of this API, and engines know it by these words. */
function refusedWith(t: ExecutionContext, answer: Answer, status: number, message: RegExp | string): void {
	answered(t, answer, status);
	if (typeof message === 'string') {
		t.is(errorOf(answer), message);
	} else {
		t.regex(errorOf(answer), message);
	}
}

/** A user with these rights on names that match the pattern. */
async function userWith(world: SpecWorld, pattern: string, rights: string): Promise<V1Client> {
	const user = await addUser(world.registry);
	const granted = await world.client.request('PUT', `/api/security/permissions/for-${user.name}`, {
		body: JSON.stringify({
			repositories: ['old'],
			includesPattern: pattern,
			principals: {users: {[user.name]: rights.split('')}},
		}),
		headers: {'content-type': 'application/json'},
	});
	if (granted.status !== 201) {
		throw new Error(`the permission was answered with ${granted.status}: ${granted.body.toString()}`);
	}
	return new V1Client(user.client, base);
}

/** Announced, and with JSON and layer, but not yet there. */
async function receive(v1: V1Client, image: V1ImageFixture, name = newName()): Promise<void> {
	await v1.startPush(name, [image]);
	await v1.putImageJson(image);
	await v1.putLayer(image);
}

specify('T55: ids are 16 or 64 hexadecimal digits, everywhere', async (t, {client}) => {
	const v1 = new V1Client(client, base);
	for (const id of ['x', 'A'.repeat(64), 'a'.repeat(63), 'a'.repeat(65), '..', `${'a'.repeat(60)}/../`]) {
		for (const part of ['json', 'layer', 'ancestry']) {
			const answer = await v1.request('GET', `/images/${id}/${part}`);
			t.true([400, 404].includes(answer.status), `${id} ${part}: ${answer.status}`);
		}
		answered(t, await v1.putJson('/repositories/team/app/', [{id}]), 400);
		t.true([400, 404].includes((await v1.request('PUT', `/images/${id}/json`, {body: '{}'})).status));
	}
	refusedWith(t, await v1.request('GET', '/images/short/json'), 404, 'Invalid image ID');
	const short = v1Image({id: randomBytes(8).toString('hex')});
	await v1.push(newName(), [short]);
	answered(t, await v1.request('GET', `/images/${short.id}/json`), 200);
});

specify('T55: JSON that is not that of the image is refused', async (t, {client}) => {
	const v1 = new V1Client(client, base);
	const [id, other] = [newId(), newId()];
	await v1.putJson(`/repositories/${newName()}/`, [{id}]);
	for (const [body, message] of [
		['{', /^Invalid JSON/],
		['[]', /^Invalid JSON/],
		['\xff', /^Invalid JSON/],
		[`{"id":"${id}","x":${'['.repeat(5000)}${']'.repeat(5000)}}`, /^Invalid JSON/],
		['{}', "Missing key `id' in JSON"],
		[JSON.stringify({id: other}), 'JSON data contains invalid id'],
		[JSON.stringify({id: 1}), 'JSON data contains invalid id'],
		[JSON.stringify({id, parent: other}), 'Image depends on a non existing parent'],
		[JSON.stringify({id, parent: id}), 'Image depends on a non existing parent'],
		[JSON.stringify({id, parent: '../../x'}), 'Image depends on a non existing parent'],
		[JSON.stringify({id, parent: {}}), 'Image depends on a non existing parent'],
	] as const) {
		const json = Buffer.from(body, 'latin1');
		refusedWith(t, await v1.putImageJson({id, json}), 400, message);
	}
	answered(t, await v1.putImageJson({id, json: Buffer.alloc(1_048_577, ' ')}), 413);
	refusedWith(t, await v1.putImageJson(v1Image({id: newId()})), 400, /^Image was not announced/);
	answered(t, await v1.request('GET', `/images/${id}/json`), 404);
});

specify('T55: an image that is there is not overwritten, in no part and by nobody', async (t, world) => {
	const v1 = new V1Client(world.client, base);
	const [name, image] = [newName(), v1Image()];
	await v1.push(name, [image]);
	const forged = v1Image({id: image.id, more: {author: 'somebody else'}});
	await v1.startPush(name, [forged]);
	refusedWith(t, await v1.putImageJson(forged), 409, 'Image already exists');
	refusedWith(t, await v1.putLayer(forged), 409, 'Image already exists');
	refusedWith(t, await v1.putChecksum(forged), 409, 'Cannot set this image checksum');
	const stranger = await userWith(world, 'other/**', 'rwd');
	await receive(stranger, forged, 'other/forged');
	refusedWith(t, await stranger.putChecksum(forged), 409, /^Image already exists/);
	answered(t, await stranger.request('GET', `/images/${image.id}/json`), 404);
	t.deepEqual(
		(await v1.pull(name)).map(({json}) => json),
		[image.json],
	);
});

specify('T55: an id is no key: who may not read a name that has it neither sees nor tags it', async (t, world) => {
	const v1 = new V1Client(world.client, base);
	const [name, images] = [newName(), v1Images(2)];
	await v1.push(name, images);
	const stranger = await userWith(world, 'other/**', 'rwd');
	for (const part of ['json', 'layer', 'ancestry']) {
		refusedWith(t, await stranger.request('GET', `/images/${images[1]!.id}/${part}`), 404, 'Image not found');
	}
	refusedWith(t, await stranger.putTag('other/stolen', 'x', images[1]!.id), 404, 'Image not found');
	const child = v1Image({parent: images[0]!.id});
	await stranger.startPush('other/child', [child]);
	refusedWith(t, await stranger.putImageJson(child), 400, 'Image depends on a non existing parent');
	answered(t, await stranger.request('GET', `/repositories/${name}/tags`), 403);
	// Who pushes the very same bytes has them anyway.
	await stranger.push('other/same', [images[0]!]);
	t.is((await stranger.pull('other/same')).length, 1);
});

specify('T55: a token is good for its name, its access and its time, and so is the cookie', async (t, world) => {
	const v1 = new V1Client(world.client, base);
	const [name, other, images] = [newName(), newName(), v1Images(1)];
	await v1.push(name, images);
	await v1.push(other, images);
	const given = await v1.request('GET', `/repositories/${name}/images`, {headers: {'x-docker-token': 'true'}});
	t.regex(given.need('x-docker-token'), new RegExp(`^Token signature=[\\w.-]+,repository="${name}",access=read$`));
	t.regex(given.need('set-cookie'), /^session=[\w.-]+; Path=\/; HttpOnly; SameSite=Strict$/);
	const forged = given.need('x-docker-token').replace(name, other).replace('access=read', 'access=write');
	for (const reader of [v1.withToken(given), v1.withCookie(given), v1.as(`Token ${forged}`)]) {
		answered(t, await reader.request('GET', `/repositories/${name}/tags`), 200);
		answered(t, await reader.request('GET', `/images/${images[0]!.id}/layer`), 200);
		answered(t, await reader.request('GET', `/repositories/${other}/tags`), 401);
		answered(t, await reader.putTag(name, 'moved', images[0]!.id), 401);
		answered(t, await reader.request('DELETE', `/repositories/${name}/tags/latest`), 401);
		const elsewhere = new V1Client(reader.client, '/api/docker/older-old/v1');
		answered(t, await elsewhere.request('GET', `/repositories/${name}/tags`), 401);
	}
	const cookie = v1.withCookie(given).client;
	answered(t, await cookie.request('GET', `/v2/old/${name}/tags/list`), 401);
	answered(t, await cookie.request('GET', '/api/repositories'), 401);
	for (const wrong of ['Token signature=x', 'Token signature=a.b.c', 'Token', forged.replace('.', '.x')]) {
		answered(t, await v1.as(wrong).request('GET', `/repositories/${name}/tags`), 401);
	}
});

specify('T24: a token to push moves no tag of who may not delete', async (t, world) => {
	const v1 = new V1Client(world.client, base);
	const [name, images] = [newName(), v1Images(2)];
	await v1.push(name, images);
	const writer = await userWith(world, `${name}/**,${name}`, 'rw');
	for (const pusher of [writer, writer.withToken(await writer.startPush(name, images))]) {
		answered(t, await pusher.putTag(name, 'latest', images[0]!.id), 403);
		answered(t, await pusher.putTag(name, 'new', images[0]!.id), 200);
		t.true([401, 403].includes((await pusher.request('DELETE', `/repositories/${name}/tags/new`)).status));
	}
});

specify('v1: checksums are compared in every form, and one that is wrong leaves nothing', async (t, {client}) => {
	const v1 = new V1Client(client, base);
	const sum = (headers: Record<string, string>, id: string) =>
		v1.request('PUT', `/images/${id}/checksum`, {headers, body: ''});
	const image = v1Image({
		layer: gzipSync(
			tarOf([
				['a', 'one'],
				['b/', ''],
			]),
		),
	});
	await receive(v1, image);
	refusedWith(t, await sum({}, image.id), 412, "Missing Image's checksum");
	refusedWith(t, await sum({'x-docker-checksum': 'md5:1'}, image.id), 400, /^the checksum is none of/);
	for (const name of ['x-docker-checksum-payload', 'x-docker-checksum']) {
		refusedWith(t, await sum({[name]: `sha256:${'0'.repeat(64)}`}, image.id), 400, 'Checksum mismatch');
		refusedWith(t, await sum({[name]: `tarsum+sha256:${'0'.repeat(64)}`}, image.id), 400, 'Checksum mismatch');
	}
	answered(t, await v1.request('GET', `/images/${image.id}/json`), 404);
	answered(t, await sum({'x-docker-checksum': tarSumOf(image.json)}, image.id), 200);
	answered(t, await v1.request('GET', `/images/${image.id}/json`), 200);
	refusedWith(t, await sum({'x-docker-checksum-payload': image.checksum}, image.id), 409, /^Cannot set/);
});

specify('T09: the sum of a layer that is a bomb, or no tar, is refused', async (t, {client}) => {
	const v1 = new V1Client(client, base);
	const told = {headers: {'x-docker-checksum': `tarsum+sha256:${'0'.repeat(64)}`}, body: ''};
	const bomb = v1Image({layer: gzipSync(tarOf([['zeros', Buffer.alloc(80 * 1024 * 1024)]]))});
	await receive(v1, bomb);
	refusedWith(t, await v1.request('PUT', `/images/${bomb.id}/checksum`, told), 400, /^the layer expands to too much/);
	for (const layer of [Buffer.from([0x1f, 0x8b, 8, 0, 1, 2, 3]), Buffer.alloc(2048, 'x')]) {
		const broken = v1Image({layer});
		await receive(v1, broken);
		refusedWith(t, await v1.request('PUT', `/images/${broken.id}/checksum`, told), 400, /no tar/);
	}
});

specify('v1: patterns of the repository and immutable tags count', async (t, {client}) => {
	const v1 = new V1Client(client, '/api/docker/ruled/v1');
	const images = v1Images(2);
	answered(t, await v1.startPush('other/app', images), 403);
	await v1.push('team/app', images, 'v1');
	answered(t, await v1.putTag('team/app', 'v1', images[0]!.id), 403);
	t.is((await v1.pull('team/app', 'v1')).length, 2);
});

/** Names and contents; a name that ends with a slash is a folder. */
function tarOf(files: readonly (readonly [name: string, content: string | Buffer])[]): Buffer {
	const blocks = files.flatMap(([name, text]) => {
		const content = Buffer.from(text as string);
		const header = Buffer.alloc(512);
		header.write(name, 0);
		header.write('0000644\0', 100);
		header.write('0001750\0', 108);
		header.write('0000144\0', 116);
		header.write(`${content.length.toString(8).padStart(11, '0')}\0`, 124);
		header.write('12345670123\0', 136);
		header.write(' '.repeat(8), 148);
		header.write(name.endsWith('/') ? '5' : '0', 156);
		header.write('ustar\u000000', 257);
		header.write('root', 265);
		header.write('wheel', 297);
		const sum = header.reduce((total, byte) => total + byte, 0);
		header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
		return [header, content, Buffer.alloc((512 - (content.length % 512)) % 512)];
	});
	return Buffer.concat([...blocks, Buffer.alloc(1024)]);
}

/** Of a folder `b/` and a file `a` with the content `one`, worked out by hand from the specification of TarSum. */
function tarSumOf(json: Buffer): string {
	const sums = [
		hashOf('namea', owner, 'size3', time, 'typeflag0', rest, 'one'),
		hashOf('nameb/', owner, 'size0', time, 'typeflag5', rest),
	];
	return `tarsum+sha256:${hashOf(json, ...sums.toSorted())}`;
}

const owner = 'mode420uid1000gid100';
const time = 'mtime1402433619';
const rest = 'linknameunamerootgnamewheeldevmajor0devminor0';

function hashOf(...parts: readonly (string | Buffer)[]): string {
	return parts.reduce((hash, part) => hash.update(part), createHash('sha256')).digest('hex');
}
