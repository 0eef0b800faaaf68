import type {IncomingHttpHeaders, IncomingMessage} from 'node:http';
import {RegistryError} from '@stowage/core';
import test from 'ava';
import {type Address, Addressing, locationOf} from './addressing.ts';
import {absoluteUrl} from './site.ts';
import {SiteTable, type SiteTableOptions} from './site-table.ts';
import {TrustedProxies} from './trusted-proxies.ts';

interface Asked {
	readonly url: string;
	readonly host?: string;
	readonly port?: number;
	readonly from?: string;
	readonly headers?: IncomingHttpHeaders;
}

const options: SiteTableOptions = {
	protocols: ['v2', 'v1'],
	subdomainsOf: ['registry.example'],
	bindings: [
		{host: 'docker.example', repositories: {v2: 'docker-dev', v1: 'docker-old'}},
		{host: 'new.example', repositories: {v2: 'docker-new'}},
		{port: 5001, repositories: {v2: 'docker-port'}},
		{host: 'both.example', port: 5001, repositories: {v2: 'docker-both'}},
	],
};

function find({url, host = 'stowage.example', port = 8081, from = '10.0.0.9', headers}: Asked, changes = {}): Address {
	const proxies = new TrustedProxies(['10.0.0.0/24']);
	const addressing = new Addressing(new SiteTable({...options, ...changes}, proxies), options.protocols);
	const socket = {remoteAddress: from, localPort: port};
	return addressing.find({url, socket, headers: {host, ...headers}} as IncomingMessage);
}

const digest = `sha256:${'a'.repeat(64)}`;

const understood: readonly (Asked & {readonly means: string; readonly location: string})[] = [
	{url: '/v2/', means: 'v2 - /', location: '/v2/x'},
	{url: '/v2', means: 'v2 - /', location: '/v2/x'},
	{url: '/v2/?a=/b', means: 'v2 - /', location: '/v2/x'},
	{url: '/v2/_catalog?n=1', means: 'v2 - /_catalog', location: '/v2/x'},
	{url: '/v2/token', means: 'v2 - /token', location: '/v2/x'},
	{url: '/v2/token/app/tags/list', means: 'v2 token /app/tags/list', location: '/v2/token/x'},
	{url: '/v2/k/a/b/manifests/v1', means: 'v2 k /a/b/manifests/v1', location: '/v2/k/x'},
	{url: `/v2/k/a/blobs/${digest.replace(':', '%3A')}`, means: `v2 k /a/blobs/${digest}`, location: '/v2/k/x'},
	{url: 'http://stowage.example/v2/k/a/tags/list', means: 'v2 k /a/tags/list', location: '/v2/k/x'},
	{url: '/api/docker/k/v2/a/tags/list', means: 'v2 k /a/tags/list', location: '/api/docker/k/v2/x'},
	{url: '/artifactory/api/docker/k/v2/', means: 'v2 k /', location: '/artifactory/api/docker/k/v2/x'},
	{
		url: '/artifactory/api/docker/k/v1/images/1/json',
		means: 'v1 k /images/1/json',
		location: '/artifactory/api/docker/k/v1/x',
	},
	{url: '/api/docker/null/v2/token', means: 'v2 - /token', location: '/api/docker/null/v2/x'},
	{url: '/api/repositories', means: '- - /api/repositories', location: '/x'},
	{url: '/artifactory/api/system/ping', means: '- - /api/system/ping', location: '/artifactory/x'},
	{url: '/v1/_ping', means: 'v1 - /_ping', location: '/v1/x'},
	{url: '/v2x/', means: '- - /v2x/', location: '/x'},
	{url: '/v2/a/tags/list', host: 'docker.example', means: 'v2 docker-dev /a/tags/list', location: '/v2/x'},
	{url: '/v2/_catalog', host: 'Docker.Example:443', means: 'v2 docker-dev /_catalog', location: '/v2/x'},
	{url: '/v1/_ping', host: 'docker.example', means: 'v1 docker-old /_ping', location: '/v1/x'},
	{url: '/v1/_ping', host: 'new.example', means: 'v1 - /_ping', location: '/v1/x'},
	{url: '/v2/a/tags/list', port: 5001, means: 'v2 docker-port /a/tags/list', location: '/v2/x'},
	{url: '/v2/', host: 'both.example', port: 5001, means: 'v2 docker-both /', location: '/v2/x'},
	{url: '/v2/', host: 'docker.example', port: 5001, means: 'v2 docker-dev /', location: '/v2/x'},
	{url: '/v2/a/tags/list', host: 'team-a.registry.example:8443', means: 'v2 team-a /a/tags/list', location: '/v2/x'},
	{url: '/v2/k/a/tags/list', host: 'registry.example', means: 'v2 k /a/tags/list', location: '/v2/k/x'},
	{
		url: '/api/docker/k/v2/a/tags/list',
		host: 'docker.example',
		means: 'v2 k /a/tags/list',
		location: '/api/docker/k/v2/x',
	},
];

for (const asked of understood) {
	const {means, location} = asked;
	test(`${asked.host ?? ''}${asked.port ? `:${asked.port}` : ''} ${asked.url} means ${means}`, t => {
		const address = find(asked);
		t.is(`${address.protocol ?? '-'} ${address.repository ?? '-'} ${address.path}`, means);
		t.is(locationOf(address, '/x'), location);
	});
}

const refused: readonly (Asked & {readonly status: number})[] = [
	{url: '/v2/k', status: 404},
	{url: '/v2/k/', status: 404},
	{url: '/v2/k/_catalog', status: 404},
	{url: '/v2/k/token', status: 404},
	{url: '/v2//a/manifests/v1', status: 400},
	{url: '/v2/../a/manifests/v1', status: 400},
	{url: '/v2/k"/a/manifests/v1', status: 400},
	{url: `/v2/${'k'.repeat(65)}/a/manifests/v1`, status: 400},
	{url: '/v2/k/a%2Fb/manifests/v1', status: 400},
	{url: '/v2/k/%2e%2e/a/manifests/v1', status: 400},
	{url: '/v2/k/a%00/manifests/v1', status: 400},
	{url: '/v2/k/a/manifests/v%0d%0aX-Evil:1', status: 400},
	{url: '/v2/k/a/manifests/%', status: 400},
	{url: '/api/docker/k%2f..%2fj/v2/a/tags/list', status: 400},
	{url: '/v2/', host: 'a b', status: 400},
	{url: '/v2/', host: 'evil"', status: 400},
	{url: '/v2/', host: 'user@evil', status: 400},
	{url: '/v2/', host: 'evil/x', status: 400},
];

for (const asked of refused) {
	test(`${asked.host ?? ''} ${asked.url} is refused with ${asked.status}`, t => {
		const error = t.throws(() => find(asked), {instanceOf: RegistryError});
		t.is(error.status, asked.status);
	});
}

test('the null key is good for nothing but the token service', t => {
	t.is(find({url: '/api/docker/null/v2/a/tags/list'}).repository, 'null');
	t.is(find({url: '/api/docker/null/v2/token'}).repository, undefined);
});

const origins: readonly (Asked & {readonly title: string; readonly origin: string; readonly location: string})[] = [
	{title: 'nobody says anything', url: '/v2/', origin: 'http://stowage.example', location: '/v2/x'},
	{
		title: 'a stranger claims to be a proxy',
		url: '/v2/',
		from: '192.0.2.1',
		headers: {
			'x-forwarded-proto': 'https',
			'x-forwarded-host': 'evil.example',
			'x-jfrog-override-base-url': 'https://evil.example',
		},
		origin: 'http://stowage.example',
		location: '/v2/x',
	},
	{
		title: 'a proxy says the scheme',
		url: '/v2/',
		headers: {'x-forwarded-proto': 'https'},
		origin: 'https://stowage.example',
		location: 'https://stowage.example/v2/x',
	},
	{
		title: 'a proxy says host and port',
		url: '/v2/',
		headers: {'x-forwarded-proto': 'https', 'x-forwarded-host': 'pub.example, in.example', 'x-forwarded-port': '8443'},
		origin: 'https://pub.example:8443',
		location: 'https://pub.example:8443/v2/x',
	},
	{
		title: 'a proxy says the usual port',
		url: '/v2/',
		headers: {'x-forwarded-proto': 'https', 'x-forwarded-port': '443'},
		origin: 'https://stowage.example',
		location: 'https://stowage.example/v2/x',
	},
	{
		title: 'a proxy overrides the base URL',
		url: '/v2/',
		headers: {'x-jfrog-override-base-url': 'https://pub.example:444'},
		origin: 'https://pub.example:444',
		location: 'https://pub.example:444/v2/x',
	},
	{
		title: 'a proxy overrides the base URL with the path of older versions',
		url: '/artifactory/api/docker/k/v2/',
		headers: {'x-artifactory-override-base-url': 'https://pub.example/artifactory'},
		origin: 'https://pub.example/artifactory',
		location: 'https://pub.example/artifactory/api/docker/k/v2/x',
	},
	{
		title: 'a proxy overrides the base URL with nonsense',
		url: '/v2/',
		headers: {'x-jfrog-override-base-url': 'javascript:alert(1)'},
		origin: 'http://stowage.example',
		location: '/v2/x',
	},
];

for (const asked of origins) {
	test(`addresses in answers are right when ${asked.title}`, t => {
		const address = find(asked);
		t.is(address.site.origin, asked.origin);
		t.is(locationOf(address, '/x'), asked.location);
	});
}

test('a configured base URL counts where no host is bound, and gives bound hosts its scheme', t => {
	const changes = {baseUrl: 'https://pub.example/registry/'};
	const open = find({url: '/v2/k/a/tags/list'}, changes);
	t.is(locationOf(open, '/x'), 'https://pub.example/registry/v2/k/x');
	t.is(absoluteUrl(open.site, '/v2/token'), 'https://pub.example/registry/v2/token');
	const bound = find({url: '/v2/', host: 'docker.example'}, changes);
	t.is(bound.site.origin, 'https://docker.example');
	t.is(locationOf(bound, '/x'), '/v2/x');
});

test('a proxy that forwards to one listener chooses a bound port by X-Forwarded-Port, a stranger does not', t => {
	const headers = {'x-forwarded-port': '5001'};
	t.is(find({url: '/v2/', headers}).repository, 'docker-port');
	t.is(find({url: '/v2/', headers, from: '192.0.2.1'}).repository, undefined);
});

test('a trusted proxy, and nobody else, says which repository its host or port means', t => {
	const headers = {'x-stowage-repository': 'docker-dev'};
	const url = '/v2/team/app/tags/list';
	const address = find({url, headers});
	t.like(address, {protocol: 'v2', repository: 'docker-dev', path: '/team/app/tags/list', root: '/v2', namePrefix: ''});
	t.is(find({url, headers, host: 'docker.example'}).repository, 'docker-dev');
	t.is(find({url, headers, from: '192.0.2.1'}).repository, 'team');
	for (const wrong of ['', '../x', 'a/b', 'x'.repeat(65)]) {
		t.is(find({url, headers: {'x-stowage-repository': wrong}}).repository, 'team');
	}
});
