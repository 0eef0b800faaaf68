import {X509Certificate} from 'node:crypto';
import {FilterParser} from 'ldapts';
import {fillTemplate} from './escape.ts';
import type {LdapOptions} from './options.ts';

interface Problem {
	readonly path: string;
	readonly message: string;
}

/** What no schema says of the options. */
export function checkOptions(options: LdapOptions): readonly Problem[] {
	const {bindDn, bindPassword, caCertificates} = options;
	const problems: Problem[] = [...checkEncryption(options), ...checkFilters(options)];
	if (bindDn !== undefined && bindPassword === undefined) {
		problems.push({path: '/bindPassword', message: 'is missing: without a password nobody is bound'});
	}
	if (caCertificates !== undefined && !isCertificate(caCertificates)) {
		problems.push({path: '/caCertificates', message: 'is not the PEM of a certificate'});
	}
	return problems;
}

function checkEncryption({urls, startTls, allowUnencrypted}: LdapOptions): readonly Problem[] {
	return urls.flatMap((url, index): readonly Problem[] => {
		const plain = url.startsWith('ldap:') && !startTls && !allowUnencrypted;
		const message = 'would send passwords as they are: use ldaps://, "startTls", or say "allowUnencrypted"';
		return [
			...(plain ? [{path: `/urls/${index}`, message}] : []),
			...(URL.canParse(url) ? [] : [{path: `/urls/${index}`, message: 'is no address'}]),
		];
	});
}

function checkFilters({userFilter, groupFilter}: LdapOptions): readonly Problem[] {
	return Object.entries({userFilter, groupFilter}).flatMap(([name, filter]) => {
		try {
			FilterParser.parseString(fillTemplate(filter, {name: 'name', dn: 'dn'}));
			return [];
		} catch (error) {
			return [{path: `/${name}`, message: `is no filter: ${(error as Error).message}`}];
		}
	});
}

function isCertificate(pem: string): boolean {
	try {
		return new X509Certificate(pem).subject !== undefined;
	} catch {
		return false;
	}
}
