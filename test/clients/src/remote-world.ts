import {mkdtemp, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {freePort, type ServerProcess} from '@stowage/test-servers';
import {startDockerUpstream, startTokenService, upstreamUser} from '@stowage/test-servers/upstreams';
import type {ExecutionContext} from 'ava';
import {openRegistryWorld, type RegistryWorld, subdomainOf} from './registry-world.ts';

/** What an upstream asks of who pulls from it. */
export const upstreamWishes = ['nothing', 'password', 'token'] as const;
export type UpstreamWish = (typeof upstreamWishes)[number];

export const boundHost = 'hub.test';

export interface RemoteWorld extends RegistryWorld {
	/** What stands before the name of an image of the remote repository, when its key is in the path. */
	readonly prefix: string;
	/** What stands before it under a host of its own. */
	readonly boundPrefix: string;
	/** What stands before it under its port, its sub-domain, and before one of the virtual repository that it is in. */
	readonly otherPrefixes: readonly string[];
	/** Where to push to the upstream, before `close` makes it ask for something. */
	readonly upstream: string;
	/** From now on the upstream asks for what was wished. */
	readonly close: () => Promise<void>;
	/** Ends the upstream. */
	readonly stopUpstream: () => Promise<void>;
}

/**
 * A registry with a remote repository `hub`, that stands for Docker Hub, in front of a docker-registry, and with a virtual
 * one, `docker`, that it is a member of.
 */
export async function openRemoteWorld(t: ExecutionContext, wish: UpstreamWish = 'nothing'): Promise<RemoteWorld> {
	const folder = await mkdtemp(join(tmpdir(), 'clients-upstream-'));
	t.teardown(() => rm(folder, {recursive: true, force: true}));
	const tokens = await startTokenService(upstreamUser);
	t.teardown(() => tokens.stop());
	const port = await freePort();
	let running: ServerProcess = (await startDockerUpstream({folder, port})).process;
	t.teardown(() => running.stop());
	const options = {
		url: `http://127.0.0.1:${port}`,
		mirrorOf: 'docker.io',
		allowedAddresses: ['127.0.0.1'],
		trustedRealms: [new URL(tokens.realm).origin],
		...(wish !== 'nothing' && upstreamUser),
	};
	const boundPort = await freePort();
	const repositories = {v2: 'hub'};
	const virtual = {type: 'virtual', options: {repositories: ['hub']}};
	const world = await openRegistryWorld(t, {
		bindings: [
			{host: boundHost, repositories},
			{port: boundPort, repositories},
		],
		bootstrap: {repositories: {hub: {type: 'remote', options}, docker: virtual}},
	});
	const {port: ownPort} = world.registry;
	return {
		...world,
		prefix: `127.0.0.1:${ownPort}/hub`,
		boundPrefix: `${boundHost}:${ownPort}`,
		otherPrefixes: [`127.0.0.1:${boundPort}`, `${subdomainOf('hub')}:${ownPort}`, `127.0.0.1:${ownPort}/docker`],
		upstream: `127.0.0.1:${port}`,
		async close() {
			await running.stop();
			const wants = wish === 'token' ? tokens : wish === 'password' ? 'password' : undefined;
			running = (await startDockerUpstream({folder, port, wants})).process;
		},
		stopUpstream: () => running.stop(),
	};
}
