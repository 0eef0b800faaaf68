import {join} from 'node:path';
import test, {type ExecutionContext} from 'ava';
import {CommandError} from './command.ts';
import {DockerDaemon} from './engines/docker-daemon.ts';
import {runnableContext} from './images.ts';
import {openRegistryWorld, type RegistryWorld} from './registry-world.ts';

const user = 'ann';
const secrets = ['password', 'API key', 'access token', 'reference token', 'token of one image'] as const;

type Secrets = Readonly<Record<(typeof secrets)[number], string>>;

/** A client program that signs in as a user and pulls. */
interface Client {
	login(secret: string): Promise<string>;
	pull(image: string): Promise<unknown>;
}

interface Asked {
	readonly as?: string;
	readonly json?: unknown;
}

/** `team/app`, `team/other` and `secret/app` are there; ann may read those of `team`. */
async function openAccessWorld(t: ExecutionContext) {
	const world = await openRegistryWorld(t);
	const {bench, registry, credentials} = world;
	const admin = basic(credentials.user, credentials.password);
	const ask = async (method: string, path: string, {as = admin, json}: Asked = {}): Promise<unknown> => {
		const headers = {authorization: as, 'content-type': 'application/json'};
		const response = await fetch(registry.url + path, {method, headers, body: JSON.stringify(json)});
		const text = await response.text();
		t.true(response.ok, `${method} ${path}: ${response.status} ${text}`);
		return text.startsWith('{') ? JSON.parse(text) : text;
	};
	const layout = `oci:${join(bench.folder, 'layout')}:app`;
	const context = await runnableContext(bench, 'access', 'hello');
	await bench.run(['buildah', 'bud', '--quiet', '--isolation', 'chroot', '--tag', 'app', context]);
	await bench.run(['buildah', 'push', '--quiet', 'app', layout]);
	for (const image of ['team/app', 'team/other', 'secret/app']) {
		const target = ['--dest-tls-verify=false', '--dest-creds', `${credentials.user}:${credentials.password}`];
		await bench.run([
			'skopeo',
			'copy',
			'--quiet',
			...target,
			layout,
			`docker://${world.address.path.prefix}/${image}:1`,
		]);
	}
	return {...world, secrets: await makeSecrets(ask)};
}

async function makeSecrets(ask: (method: string, path: string, asked?: Asked) => Promise<unknown>): Promise<Secrets> {
	const password = 'correct horse battery';
	await ask('PUT', `/api/security/users/${user}`, {json: {email: 'ann@example.org', password}});
	await ask('PUT', '/api/security/permissions/team', {
		json: {includesPattern: 'team/**', repositories: ['docker-local'], principals: {users: {[user]: ['r']}}},
	});
	const as = basic(user, password);
	const {apiKey} = (await ask('POST', '/api/security/apiKey', {as})) as {apiKey: string};
	const make = async (json: object) =>
		(await ask('POST', '/access/api/v1/tokens', {as, json})) as {access_token: string; reference_token: string};
	const whole = await make({include_reference_token: true});
	const narrow = await make({scope: 'artifact:docker-local/team/app:r'});
	return {
		password,
		'API key': apiKey,
		'access token': whole.access_token,
		'reference token': whole.reference_token,
		'token of one image': narrow.access_token,
	};
}

function basic(name: string, password: string): string {
	return `Basic ${Buffer.from(`${name}:${password}`).toString('base64')}`;
}

const clients: Readonly<Record<string, (world: RegistryWorld, t: ExecutionContext) => Promise<Client>>> = {
	async docker({bench, address}, t) {
		const daemon = await DockerDaemon.start(bench);
		t.teardown(() => daemon.stop());
		const {registry} = address.path;
		return {
			login: input => daemon.docker(['login', '--username', user, '--password-stdin', registry], {input}),
			pull: image => daemon.docker(['pull', '--quiet', image]),
		};
	},
	async podman({bench, address}) {
		const login = ['podman', 'login', '--tls-verify=false', '--username', user, '--password-stdin'];
		return {
			login: input => bench.run([...login, address.path.registry], {input}),
			pull: image => bench.run(['podman', 'pull', '--quiet', '--tls-verify=false', image]),
		};
	},
	async skopeo({bench, address}) {
		const login = ['skopeo', 'login', '--tls-verify=false', '--username', user, '--password-stdin'];
		return {
			login: input => bench.run([...login, address.path.registry], {input}),
			pull: image => bench.run(['skopeo', 'inspect', '--tls-verify=false', `docker://${image}`]),
		};
	},
};

for (const [name, open] of Object.entries(clients)) {
	test(`${name} signs in with ${secrets.join(', ')}, and pulls what each is good for`, async t => {
		const world = await openAccessWorld(t);
		const client = await open(world, t);
		const {prefix} = world.address.path;
		for (const secret of secrets) {
			t.regex(await client.login(world.secrets[secret]), /Login Succeeded/, secret);
			await t.notThrowsAsync(client.pull(`${prefix}/team/app:1`), secret);
			const other = client.pull(`${prefix}/team/other:1`);
			await (secret === 'token of one image'
				? t.throwsAsync(other, {instanceOf: CommandError}, secret)
				: t.notThrowsAsync(other, secret));
			const error = await t.throwsAsync(client.pull(`${prefix}/secret/app:1`), {instanceOf: CommandError}, secret);
			t.regex(error?.output ?? '', /denied|unauthorized|authentication|authorization/i, secret);
		}
		const wrong = `${world.secrets['API key'].slice(0, -1)}!`;
		await t.throwsAsync(client.login(wrong), {instanceOf: CommandError});
	});
}
