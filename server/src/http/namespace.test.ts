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
		{host: 'hub.example', repositories: {v2: 'hub'}},
		{host: 'old.example', repositories: {v1: 'old'}},
	],
};

/** Remote repositories `hub`, with its cache, and `ghcr`; `docker` and `local` are no mirrors of anything in particular. */
const hosts: Readonly<Record<string, readonly string[] | undefined>> = {
	hub: ['docker.io', 'registry-1.docker.io'],
	'hub-cache': ['docker.io', 'registry-1.docker.io'],
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
	isMirror: (host: string, key: string) => hosts[key]?.includes(host) === true,
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
	['/v2/hub-cache/a/b/manifests/1?ns=docker.io', 'stowage.example', 'hub-cache /a/b/manifests/1 docker.io'],
	['/v2/local/app/manifests/1?ns=docker.io', 'stowage.example', 'hub /local/app/manifests/1 docker.io'],
	['/v2/docker/dockerfile/manifests/1?ns=docker.io', 'stowage.example', 'hub /docker/dockerfile/manifests/1 docker.io'],
	['/v2/docker/a/manifests/1?ns=Stowage.example', 'stowage.example', 'docker /a/manifests/1 -'],
	['/v2/hub/a/manifests/1?ns=stowage.example:8081', 'stowage.example:8081', 'hub /a/manifests/1 -'],
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
	['/v2/?ns=not%20a%20host', 'stowage.example', '- / -'],
	['/v2/_catalog?ns=not%20a%20host', 'all.example', 'docker /_catalog -'],
	['/v2/a/b/manifests/1?ns=ghcr.io.', 'stowage.example', 'ghcr /a/b/manifests/1 ghcr.io'],
	['/v2/a/b/manifests/1?ns=', 'all.example', 'docker /a/b/manifests/1 -'],
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
	['/v2/docker/foo/manifests/1?ns=quay.io', 'stowage.example'],
	['/v2/local/foo/manifests/1?ns=quay.io', 'stowage.example'],
	['/v2/docker/a/manifests/1?ns=stowage.example', 'stowage.example:8081'],
	['/v2/hub/a/manifests/1?ns=ghcr.io.', 'hub.example'],
	['/v2/a/b/manifests/1?ns=[::1]:5954', 'hub.example'],
	['/v2/a/b/manifests/1?ns=my_reg.example', 'all.example'],
	['/v2/hub/a/manifests/1?ns=not%20a%20host', 'stowage.example'],
	['/api/docker/docker/v2/a/manifests/1?ns=my_reg.example', 'stowage.example'],
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

test('a registry is named by host and port, with or without the dot that ends the name', t => {
	for (const [text, means] of [
		['', undefined],
		['registry.example:5000', 'registry.example:5000'],
		['GHCR.io.', 'ghcr.io'],
		['ghcr.io.:443', 'ghcr.io:443'],
		['[::1]', '[::1]'],
		['[FE80::1]:5954', '[fe80::1]:5954'],
		['%5B::1%5D:5954', '[::1]:5954'],
	] as const) {
		t.is(namespaceOf(`/v2/?a=b&ns=${text}`), means, text);
	}
	t.is(namespaceOf('/v2/'), undefined);
});

test('what is no host is a registry that nobody serves', t => {
	const long = 'a'.repeat(300);
	for (const text of [
		'-a',
		'a/b',
		'my_reg.example',
		'.',
		'a..',
		'[::1',
		'::1',
		'[::1].',
		'a:b',
		'a%0d%0ab',
		'%20',
		long,
	]) {
		t.throws(() => namespaceOf(`/v2/?ns=${text}`), {instanceOf: RegistryError, code: 'NAME_UNKNOWN'}, text);
	}
});
