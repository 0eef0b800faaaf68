import {parseImageName} from '@stowage/core';
import test from 'ava';
import {UpstreamAddress} from './upstream-address.ts';

function addressOf(url: string, more: {dockerProjectId?: string; trustedRealms?: string[]} = {}): UpstreamAddress {
	return new UpstreamAddress({url, trustedRealms: [], ...more});
}

const places: readonly (readonly [url: string, base: string, name: string])[] = [
	['https://ghcr.io', 'https://ghcr.io/v2/', 'a/b'],
	['https://ghcr.io/', 'https://ghcr.io/v2/', 'a/b'],
	['https://ghcr.io/v2', 'https://ghcr.io/v2/', 'a/b'],
	['http://127.0.0.1:5000/v2/docker-local', 'http://127.0.0.1:5000/v2/', 'docker-local/a/b'],
	['https://art.example/artifactory/api/docker/hub', 'https://art.example/artifactory/api/docker/hub/v2/', 'a/b'],
	[
		'https://art.example/artifactory/api/docker/hub/v2/x/',
		'https://art.example/artifactory/api/docker/hub/v2/',
		'x/a/b',
	],
];

for (const [url, base, name] of places) {
	test(`${url} is asked at ${base} for ${name}`, t => {
		const address = addressOf(url);
		t.is(address.base.href, base);
		t.is(address.remoteName(parseImageName('a/b')), name);
		t.is(address.localName(name), 'a/b');
		t.false(address.hub);
	});
}

for (const url of ['https://registry-1.docker.io', 'https://docker.io/', 'https://index.docker.io/v2/']) {
	test(`${url} is Docker Hub: images without a slash are in library, and its token service is known`, t => {
		const address = addressOf(url);
		t.is(address.base.href, 'https://registry-1.docker.io/v2/');
		t.is(address.imageOf(parseImageName('busybox')), parseImageName('library/busybox'));
		t.is(address.imageOf(parseImageName('a/b')), parseImageName('a/b'));
		t.is(address.otherNameOf(parseImageName('busybox')), parseImageName('library/busybox'));
		t.is(address.otherNameOf(parseImageName('library/busybox')), parseImageName('busybox'));
		for (const name of ['a/b', 'library/a/b', 'a/library/b']) {
			t.is(address.otherNameOf(parseImageName(name)), undefined);
		}
		t.deepEqual(address.hosts, ['docker.io', 'index.docker.io', 'registry-1.docker.io']);
		t.true(address.trustsRealm(new URL('https://auth.docker.io/token')));
		t.false(address.trustsRealm(new URL('http://auth.docker.io/token')));
		t.false(address.trustsRealm(new URL('https://auth.docker.io.evil.example/token')));
	});
}

test('elsewhere images are called what they are called', t => {
	const address = addressOf('https://docker.io.evil.example');
	t.false(address.hub);
	t.is(address.imageOf(parseImageName('busybox')), parseImageName('busybox'));
	t.is(address.otherNameOf(parseImageName('busybox')), undefined);
	t.false(address.trustsRealm(new URL('https://auth.docker.io/token')));
});

test('a token service is trusted on the host of the upstream, and where it is named', t => {
	const address = addressOf('https://reg.example', {trustedRealms: ['https://auth.example']});
	for (const [realm, trusted] of [
		['https://reg.example/token', true],
		['https://auth.example/any', true],
		['http://reg.example/token', false],
		['https://reg.example:8443/token', false],
		['https://reg.example@evil.example/token', false],
		['https://evil.example/reg.example', false],
	] as const) {
		t.is(address.trustsRealm(new URL(realm)), trusted, realm);
	}
});
