import {X509Certificate} from 'node:crypto';
import {isIP} from 'node:net';
import {isAddressRange} from '@stowage/core';
import {readIdentity} from './client-identity.ts';
import type {RemoteOptions} from './options.ts';

interface Problem {
	readonly path: string;
	readonly message: string;
}

/** What no schema says of the options. Messages have nothing of what was given, since some of it is secret. */
export function checkOptions(options: RemoteOptions): readonly Problem[] {
	const {url, trustedRealms, allowedAddresses, proxy, localAddress, caCertificates} = options;
	const checks: readonly Check[] = [
		['/url', url, isAddress, 'must be an address such as https://registry-1.docker.io'],
		...ofEach('/trustedRealms', trustedRealms, isAddress, 'must be a scheme and a host such as https://auth.example'),
		...ofEach(
			'/allowedAddresses',
			allowedAddresses,
			isAddressRange,
			'must be an address or a range such as 10.0.0.0/8',
		),
		['/proxy', proxy, isAddress, 'must be an address such as http://proxy.example:3128'],
		['/localAddress', localAddress, text => isIP(text) !== 0, 'must be an IP address of this machine'],
		['/caCertificates', caCertificates, areCertificates, 'must be one certificate or more, each as PEM'],
	];
	const problems = checks.flatMap(([path, given, isRight, message]) =>
		given === undefined || isRight(given) ? [] : [{path, message}],
	);
	return [...problems, ...checkIdentity(options)];
}

type Check = readonly [path: string, given: string | undefined, isRight: (text: string) => boolean, message: string];

function ofEach(path: string, given: readonly string[], isRight: Check[2], message: string): readonly Check[] {
	return given.map((text, index) => [`${path}/${index}`, text, isRight, message]);
}

function isAddress(text: string): boolean {
	return URL.canParse(text);
}

function areCertificates(pem: string): boolean {
	const [, ...blocks] = pem.split('-----BEGIN ');
	return blocks.length > 0 && blocks.every(block => isCertificate(`-----BEGIN ${block}`));
}

function isCertificate(pem: string): boolean {
	try {
		return new X509Certificate(pem).subject !== undefined;
	} catch {
		return false;
	}
}

function checkIdentity({clientTlsCertificate}: RemoteOptions): readonly Problem[] {
	try {
		if (clientTlsCertificate !== undefined) {
			readIdentity(clientTlsCertificate);
		}
		return [];
	} catch (error) {
		return [{path: '/clientTlsCertificate', message: (error as Error).message}];
	}
}
