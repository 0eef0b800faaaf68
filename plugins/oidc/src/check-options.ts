import {X509Certificate} from 'node:crypto';
import {findTokenScope, isAddressRange} from '@stowage/core';
import type {IdentityMapping, OidcOptions} from './options.ts';

interface Problem {
	readonly path: string;
	readonly message: string;
}

/** What no schema says of the options. */
export function checkOptions({issuer, allowUnencrypted, caCertificates, ...options}: OidcOptions): readonly Problem[] {
	const problems: Problem[] = options.mappings.flatMap(checkMapping);
	if (!URL.canParse(issuer)) {
		problems.push({path: '/issuer', message: 'is no address'});
	} else if (issuer.startsWith('http:') && !allowUnencrypted) {
		problems.push({
			path: '/issuer',
			message: 'gives its keys without encryption: use https://, or say "allowUnencrypted"',
		});
	}
	if (caCertificates !== undefined && !isCertificate(caCertificates)) {
		problems.push({path: '/caCertificates', message: 'is not the PEM of a certificate'});
	}
	for (const [index, range] of options.allowedAddresses.entries()) {
		if (!isAddressRange(range)) {
			problems.push({path: `/allowedAddresses/${index}`, message: 'must be an address or a range such as 10.0.0.0/8'});
		}
	}
	if (options.mappings.length === 0 && options.usernameClaim === undefined) {
		problems.push({path: '', message: 'name "mappings" or a "usernameClaim": else no token is worth anything'});
	}
	return problems;
}

function checkMapping({scope: text, username}: IdentityMapping, index: number): readonly Problem[] {
	const scope = findTokenScope(text);
	if (scope === undefined) {
		return [{path: `/mappings/${index}/scope`, message: 'is no scope of a token'}];
	}
	const needed = username === undefined && (scope.user || scope.parts.length > 0);
	return needed
		? [{path: `/mappings/${index}/scope`, message: 'is of a user: name him by "username", or use groups'}]
		: [];
}

function isCertificate(pem: string): boolean {
	try {
		return new X509Certificate(pem).subject !== undefined;
	} catch {
		return false;
	}
}
