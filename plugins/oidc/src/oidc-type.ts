import type {AuthenticatorType} from '@stowage/core';
import {checkOptions} from './check-options.ts';
import {OidcAuthenticator} from './oidc-authenticator.ts';
import {type OidcOptions, oidcOptions} from './options.ts';

/** `type: oidc`: people and builds with a token of an OpenID provider. */
export const oidcType: AuthenticatorType<OidcOptions> = {
	type: 'oidc',
	options: {...oidcOptions},
	check: checkOptions,
	async create(options, context) {
		return new OidcAuthenticator(options, context);
	},
};
