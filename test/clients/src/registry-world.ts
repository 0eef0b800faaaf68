import {join} from 'node:path';
import {freePort, type Stowage, startStowage} from '@stowage/test-servers';
import type {ExecutionContext} from 'ava';
import {Workbench} from './workbench.ts';

/** A way to say which repository is meant. */
export interface Address {
	readonly way: 'path' | 'port' | 'host' | 'subdomain';
	/** What a client signs in to. */
	readonly registry: string;
	/** What stands before the name of an image in `docker-local`. */
	readonly prefix: string;
}

export interface RegistryWorld {
	readonly bench: Workbench;
	readonly registry: Stowage;
	readonly credentials: {readonly user: string; readonly password: string};
	readonly address: Readonly<Record<Address['way'], Address>>;
}

export const waysOfAddressing = ['path', 'port', 'host', 'subdomain'] as const;

const boundHost = 'hub.test';
const domain = 'stowage.test';
const repositories = {v2: 'docker-local'};

/** Keys that are sub-domains as well, where there are such repositories. */
const subdomains = ['docker-local', 'hub'];

/** A started registry with one local repository that is addressed in every way a client program knows, and a bench for the clients. */
export async function openRegistryWorld(t: ExecutionContext, configuration: object = {}): Promise<RegistryWorld> {
	const bench = await Workbench.open([boundHost, ...subdomains.map(subdomainOf)]);
	t.teardown(() => bench.close());
	const boundPort = await freePort();
	const registry = await startStowage({
		folder: join(bench.folder, 'registry'),
		configuration: {
			subdomainsOf: [domain],
			bindings: [
				{port: boundPort, repositories},
				{host: boundHost, repositories},
			],
			...configuration,
		},
	});
	t.teardown(() => registry.process.stop());
	return {
		bench,
		registry,
		credentials: {user: 'admin', password: registry.password},
		address: {
			path: at('path', `127.0.0.1:${registry.port}`, '/docker-local'),
			port: at('port', `127.0.0.1:${boundPort}`),
			host: at('host', `${boundHost}:${registry.port}`),
			subdomain: at('subdomain', `${subdomainOf('docker-local')}:${registry.port}`),
		},
	};
}

/** The host that means a repository by its name. */
export function subdomainOf(key: string): string {
	return `${key}.${domain}`;
}

function at(way: Address['way'], host: string, path = ''): Address {
	return {way, registry: host, prefix: `${host}${path}`};
}
