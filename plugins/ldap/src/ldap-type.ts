import type {AuthenticatorType} from '@stowage/core';
import {checkOptions} from './check-options.ts';
import {LdapAuthenticator} from './ldap-authenticator.ts';
import {type LdapOptions, ldapOptions} from './options.ts';

/** `type: ldap`: users who sign in with the password that an LDAP directory has of them. */
export const ldapType: AuthenticatorType<LdapOptions> = {
	type: 'ldap',
	options: {...ldapOptions},
	check: checkOptions,
	async create(options, {logger}) {
		return new LdapAuthenticator(options, logger);
	},
};
