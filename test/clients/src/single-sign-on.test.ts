import {setTimeout as sleep} from 'node:timers/promises';
import {startOpenidProvider} from '@stowage/test-servers/openid';
import {registryProgram} from '@stowage/test-servers/registry-program';
import {startSlapd} from '@stowage/test-servers/slapd';
import test, {type ExecutionContext} from 'ava';
import {CommandError} from './command.ts';
import {DockerDaemon} from './engines/docker-daemon.ts';
import {runnableContext} from './images.ts';
import {openRegistryWorld} from './registry-world.ts';

const settleMs = 60_000;

/** A registry with a directory and an OpenID provider; `team/app` is there, and the group `testers` may read what is in `team`. */
async function openWorld(t: ExecutionContext) {
	const [slapd, provider] = await Promise.all([startSlapd(), startOpenidProvider()]);
	t.teardown(() => slapd.stop());
	t.teardown(() => provider.stop());
	const mapping = {name: 'builds', claims: {repository: 'team/*'}, scope: 'applied-permissions/groups:testers'};
	const oidc = {
		issuer: provider.issuer,
		audiences: ['stowage'],
		mappings: [mapping],
		allowUnencrypted: true,
		allowPrivateAddresses: true,
		timeoutSeconds: 25,
	};
	const offered = ['filesystem', 'local', 'remote', 'virtual', 'ldap', 'oidc'];
	const world = await openRegistryWorld(t, {
		plugins: offered.map(name => `@stowage/${name}`),
		authenticators: [
			{name: 'directory', type: 'ldap', groups: {testers: 'testers'}, options: slapd.options},
			{name: 'ci', type: 'oidc', options: oidc},
		],
	});
	await seed(world);
	return {...world, slapd, provider};
}

async function seed({bench, registry, credentials, address}: Awaited<ReturnType<typeof openRegistryWorld>>) {
	const {user, password} = credentials;
	const put = async (path: string, json: object) => {
		const authorization = `Basic ${btoa(`${user}:${password}`)}`;
		const headers = {authorization, 'content-type': 'application/json'};
		const answer = await fetch(registry.url + path, {method: 'PUT', headers, body: JSON.stringify(json)});
		if (!answer.ok) {
			throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
		}
	};
	await put('/api/security/groups/testers', {});
	const principals = {groups: {testers: ['r']}};
	await put('/api/security/permissions/team', {includesPattern: 'team/**', repositories: ['docker-local'], principals});
	const context = await runnableContext(bench, 'sign-on', 'hello');
	await bench.run(['buildah', 'bud', '--quiet', '--isolation', 'chroot', '--tag', 'app', context]);
	const target = ['--tls-verify=false', '--creds', `${user}:${password}`];
	await bench.run(['buildah', 'push', '--quiet', ...target, 'app', `docker://${address.path.prefix}/team/app:1`]);
}

test('docker signs in with the password of a directory, and a group that was left ends it', async t => {
	const {bench, address, slapd} = await openWorld(t);
	const daemon = await DockerDaemon.start(bench);
	t.teardown(() => daemon.stop());
	const {registry, prefix} = address.path;
	const login = (input: string) => daemon.docker(['login', '--username', 'ann', '--password-stdin', registry], {input});
	await t.throwsAsync(login('wrong'), {instanceOf: CommandError});
	t.regex(await login('password of ann'), /Login Succeeded/);
	const pull = () => daemon.docker(['pull', '--quiet', `${prefix}/team/app:1`]);
	await t.notThrowsAsync(pull());
	await slapd.leaveGroup('ann', 'testers');
	let refusal: unknown;
	for (const deadline = Date.now() + settleMs; refusal === undefined && Date.now() < deadline; await sleep(500)) {
		refusal = await pull().then(
			() => undefined,
			(error: unknown) => error,
		);
	}
	t.regex((refusal as CommandError | undefined)?.output ?? '', /denied|unauthorized/i);
});

test('a build gets a token for its own by stowage login, with which skopeo reads what it may', async t => {
	const {bench, address, provider} = await openWorld(t);
	const {registry, prefix} = address.path;
	const input = await provider.buildToken({claims: {repository: 'team/app'}});
	const stowage = [registryProgram.program, ...registryProgram.parameters];
	const printed = await bench.run([...stowage, 'login', registry, '--provider', 'ci', '--id-token-stdin'], {input});
	const {username, token} = JSON.parse(printed) as {readonly username: string; readonly token: string};
	const login = ['skopeo', 'login', '--tls-verify=false', '--username', username, '--password-stdin', registry];
	t.regex(await bench.run(login, {input: token}), /Login Succeeded/);
	const inspect = (image: string) =>
		bench.run(['skopeo', 'inspect', '--tls-verify=false', `docker://${prefix}/${image}`]);
	await t.notThrowsAsync(inspect('team/app:1'));
	await t.throwsAsync(inspect('secret/app:1'), {instanceOf: CommandError});
});
