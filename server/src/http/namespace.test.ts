import type {IncomingMessage} from 'node:http';
import {RegistryError} from '@stowage/core';
import test from 'ava';
import {Addressing} from './addressing.ts';
import {namespaceOf} from './namespace.ts';
import {SiteTable, type SiteTableOptions} from './site-table.ts';
import {TrustedProxies} from './trusted-proxies.ts';

const sites: SiteTableOptions = {
	protocols: ['v2', 'v1'],
	subdomainsOf: [],
	bindings: [
		{host: 'all.example', repositories: {v2: 'docker'}},
		{host: 'ghcr.example', repositories: {v2: 'ghcr'}},
		{host: 'old.example', repositories: {v1: 'old'}},
	],
};

/** Remote repositories `hub` and `ghcr`; `docker` and `local` are no mirrors of anything in particular. */
const hosts: Readonly<Record<string, readonly string[] | undefined>> = {
	hub: ['docker.io', 'registry-1.docker.io'],
	ghcr: ['ghcr.io'],
	docker: undefined,
	local: undefined,
};

const mirrors = {
	has: (key: string) => key in hosts,
	findMirror(host: string, key?: string): string | undefined {
		if (key === undefined) {
			return Object.keys(hosts).find(one => hosts[one]?.includes(host));
		}
		return key in hosts && (hosts[key]?.includes(host) ?? true) ? key : undefined;
	},
};

function find(url: string, host = 'stowage.example') {
	const addressing = new Addressing(new SiteTable(sites, new TrustedProxies([])), sites.protocols, mirrors);
	const socket = {remoteAddress: '10.0.0.9', localPort: 8081};
	return addressing.find({url, socket, headers: {host}} as IncomingMessage);
}

const understood: readonly (readonly [url: string, host: string, means: string])[] = [
	['/v2/library/busybox/manifests/1?ns=docker.io', 'stowage.example', 'hub /library/busybox/manifests/1 docker.io'],
	['/v2/library/busybox/manifests/1?a=b&ns=Docker.IO', 'stowage.example', 'hub /library/busybox/manifests/1 docker.io'],
	['/v2/a/b/blobs/x?ns=ghcr.io', 'stowage.example', 'ghcr /a/b/blobs/x ghcr.io'],
	['/v2/hub/library/busybox/manifests/1?ns=docker.io', 'stowage.example', 'hub /library/busybox/manifests/1 docker.io'],
	['/v2/local/app/manifests/1?ns=docker.io', 'stowage.example', 'local /app/manifests/1 docker.io'],
	['/v2/ghcr/app/manifests/1?ns=docker.io', 'stowage.example', 'hub /ghcr/app/manifests/1 docker.io'],
	['/v2/library/busybox/manifests/1?ns=docker.io', 'all.example', 'docker /library/busybox/manifests/1 docker.io'],
	['/v2/a/b/manifests/1?ns=quay.io', 'all.example', 'docker /a/b/manifests/1 quay.io'],
	['/v2/?ns=docker.io', 'stowage.example', '- / -'],
	['/api/docker/hub/v2/a/manifests/1?ns=docker.io', 'stowage.example', 'hub /a/manifests/1 docker.io'],
	['/artifactory/api/docker/hub/v2/a/blobs/x?ns=docker.io', 'all.example', 'hub /a/blobs/x docker.io'],
	['/api/docker/docker/v2/a/manifests/1?ns=quay.io', 'stowage.example', 'docker /a/manifests/1 quay.io'],
	['/api/docker/hub/v2/a/manifests/1', 'stowage.example', 'hub /a/manifests/1 -'],
	['/api/docker/hub/v2/?ns=ghcr.io', 'stowage.example', 'hub / -'],
	['/api/docker/gone/v2/a/manifests/1?ns=ghcr.io', 'stowage.example', 'gone /a/manifests/1 ghcr.io'],
	['/api/docker/hub/v1/a/tags?ns=ghcr.io', 'stowage.example', 'hub /a/tags -'],
	['/v2/hub/a/manifests/1?xns=ghcr.io', 'stowage.example', 'hub /a/manifests/1 -'],
	['/v2/hub/a/manifests/1?ns=', 'stowage.example', 'hub /a/manifests/1 -'],
	['/v2/hub/a/manifests/1?ns=not%20a%20host', 'stowage.example', 'hub /a/manifests/1 -'],
];

for (const [url, host, means] of understood) {
	test(`${host}${url} means ${means}`, t => {
		const {repository = '-', path, namespace = '-'} = find(url, host);
		t.is(`${repository} ${path} ${namespace}`, means);
	});
}

for (const [url, host] of [
	['/v2/a/b/manifests/1?ns=quay.io', 'stowage.example'],
	['/v2/ghcr/app/manifests/1?ns=quay.io', 'stowage.example'],
	['/v2/a/b/manifests/1?ns=docker.io', 'ghcr.example'],
	['/v2/a/b/manifests/1?ns=docker.io', 'old.example'],
	['/api/docker/hub/v2/a/manifests/1?ns=ghcr.io', 'stowage.example'],
	['/artifactory/api/docker/hub/v2/a/manifests/1?ns=ghcr.io', 'all.example'],
] as const) {
	test(`${host}${url} is nobody's`, t => {
		const error = t.throws(() => find(url, host), {instanceOf: RegistryError});
		t.is(error?.status, 404);
	});
}

test('who asks a mirror without naming its repository is given a scope that names it', t => {
	t.is(find('/v2/library/busybox/manifests/1?ns=docker.io').namePrefix, 'hub/');
});

test('what is no host is no registry', t => {
	for (const url of [
		'/v2/',
		'/v2/?ns=',
		'/v2/?ns=-a',
		'/v2/?ns=a/b',
		`/v2/?ns=${'a'.repeat(300)}`,
		'/v2/?ns=a%0d%0ab',
	]) {
		t.is(namespaceOf(url), undefined, url);
	}
	t.is(namespaceOf('/v2/?ns=registry.example:5000'), 'registry.example:5000');
});
