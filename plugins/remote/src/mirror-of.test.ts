import {parseImageName} from '@stowage/core';
import test from 'ava';
import {UpstreamAddress} from './upstream-address.ts';

function address(url: string, mirrorOf?: string): UpstreamAddress {
	return new UpstreamAddress({url, mirrorOf, trustedRealms: []});
}

test('a mirror of Docker Hub names images as it does, and is asked itself', t => {
	const mirror = address('http://127.0.0.1:5000', 'Docker.IO');
	t.is(mirror.imageOf(parseImageName('busybox')), parseImageName('library/busybox'));
	t.is(mirror.base.href, 'http://127.0.0.1:5000/v2/');
	t.true(mirror.hosts.includes('docker.io'));
	t.false(mirror.trustsRealm(new URL('https://auth.docker.io/token')));
});

test('Docker Hub stays what it is when it is called by its name', t => {
	const hub = address('https://docker.io', 'docker.io');
	t.is(hub.base.href, 'https://registry-1.docker.io/v2/');
	t.true(hub.trustsRealm(new URL('https://auth.docker.io/token')));
});

test('a mirror of another registry is known by the name of that', t => {
	const mirror = address('https://mirror.example/v2/ghcr', 'ghcr.io');
	t.deepEqual(mirror.hosts, ['ghcr.io']);
	t.is(mirror.imageOf(parseImageName('busybox')), parseImageName('busybox'));
	t.is(
		address('https://registry-1.docker.io', 'ghcr.io').imageOf(parseImageName('busybox')),
		parseImageName('busybox'),
	);
});
