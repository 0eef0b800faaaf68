import {readFile} from 'node:fs/promises';
import {standardHosts} from '@stowage/test-servers';
import {RegistryClient, V1Client, v1Images} from '@stowage/test-spec';
import test, {type ExecutionContext} from 'ava';
import {DockerDaemon} from './engines/docker-daemon.ts';
import {type Proxy, startProxy} from './engines/proxy.ts';
import {type VirtualWorld, openVirtualWorld} from './virtual-world.ts';

interface ProxiedWorld extends VirtualWorld {
	/** Somebody at one of the two hosts, behind the proxy. */
	readonly at: (host: keyof typeof standardHosts, authorization?: string) => RegistryClient;
	readonly admin: string;
	readonly proxy: Proxy;
}

/** The standard configuration behind nginx, as its operator would put it there. */
async function openProxiedWorld(t: ExecutionContext): Promise<ProxiedWorld> {
	const world = await openVirtualWorld(t);
	const proxy = await startProxy(world.bench, world.standard.registry.url, Object.values(standardHosts));
	t.teardown(() => proxy.process.stop());
	const ca = await readFile(proxy.certificate, 'utf8');
	const client = new RegistryClient(`https://localhost:${proxy.port}`, {ca});
	t.teardown(() => client.close());
	const at = (host: keyof typeof standardHosts, authorization?: string) =>
		client.as({host: `${standardHosts[host]}:${proxy.port}`, authorization});
	const admin = `Basic ${Buffer.from(`${world.user}:${world.password}`).toString('base64')}`;
	return {...world, at, admin, proxy};
}

/** As engines from 1.6 to 17.11 choose: V2 where it is answered, whatever it answers, unless that is 404. */
async function chosenProtocol(client: RegistryClient): Promise<string> {
	if ((await client.request('GET', '/v2/')).status !== 404) {
		return 'v2';
	}
	return (await client.request('GET', '/v1/_ping')).status === 200 ? 'v1' : 'none';
}

test('through nginx both hosts have both protocols, and an engine falls back to the first when the second is gone', async t => {
	const {at, admin} = await openProxiedWorld(t);
	const images = v1Images(3);
	for (const host of ['dev', 'prod'] as const) {
		await new V1Client(at(host, admin), '/v1').push(`team/${host}`, images, '1');
		t.is(await chosenProtocol(at(host)), 'v2');
	}
	t.deepEqual(
		(await new V1Client(at('dev'), '/v1').pull('team/dev', '1')).map(({id, layer}) => ({id, layer})),
		images.map(({id, layer}) => ({id, layer})),
	);
	t.is((await at('prod').request('GET', '/v1/repositories/team/dev/images')).status, 404);
	t.is((await at('dev').request('GET', '/v2/team/dev/tags/list')).status, 404);
	const started = await new V1Client(at('dev', admin), '/v1').startPush('team/dev', images);
	t.regex(started.need('x-docker-endpoints'), new RegExp(`^${standardHosts.dev}:\\d+$`));
	t.is((await at('dev', admin).request('DELETE', '/api/repositories/docker-dev')).status, 200);
	t.is(await chosenProtocol(at('dev', admin)), 'v1');
	t.is(await chosenProtocol(at('dev')), 'v1');
	t.is(await chosenProtocol(at('prod')), 'v2');
	await new V1Client(at('dev', admin), '/v1').push('team/fallback', images, '1');
	t.is((await new V1Client(at('dev'), '/v1').pull('team/fallback', '1')).length, 3);
});

test('podman search and docker search find images of both protocols, with and without a repository of the first', async t => {
	const world = await openVirtualWorld(t);
	const {bench, standard, dev, prod, password} = world;
	const authorization = `Basic ${Buffer.from(`admin:${password}`).toString('base64')}`;
	const client = new RegistryClient(standard.registry.url, {authorization});
	t.teardown(() => client.close());
	for (const [host, name] of [
		[standardHosts.dev, 'team/found-old'],
		[standardHosts.prod, 'team/gone'],
	] as const) {
		await new V1Client(client.as({host}), '/v1').push(name, v1Images(1));
	}
	await client.image('team/found-new', '/v2/docker-prod-local2').pushImage('latest');
	t.is((await client.request('DELETE', '/api/repositories/docker-prod-local')).status, 200);
	const podman = async (host: string) => {
		const found = await bench.run(['podman', 'search', '--tls-verify=false', '--format', '{{.Name}}', `${host}/found`]);
		return found.split('\n').toSorted();
	};
	t.deepEqual(await podman(dev), [`${dev}/team/found-new`, `${dev}/team/found-old`]);
	t.deepEqual(await podman(prod), [`${prod}/team/found-new`]);
	const daemon = await DockerDaemon.start(bench);
	t.teardown(() => daemon.stop());
	for (const [host, names] of [
		[dev, ['team/found-new', 'team/found-old']],
		[prod, ['team/found-new']],
	] as const) {
		const found = await daemon.docker(['search', '--format', '{{.Name}}', `${host}/found`]);
		t.deepEqual(found.split('\n').toSorted(), [...names]);
	}
});
