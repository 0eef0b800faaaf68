import {startOpenidProvider} from '@stowage/test-servers/openid';
import {type AuthenticatorUnderTest, authenticatorSuite, silentLogger} from '@stowage/testing';
import test from 'ava';
import {completed} from './fixtures/crooked-provider.ts';
import {oidcType} from './oidc-type.ts';

async function open(): Promise<AuthenticatorUnderTest> {
	const provider = await startOpenidProvider();
	const scope = 'applied-permissions/groups:ci';
	const mappings = [{name: 'builds', claims: {repository: 'team/*'}, scope, expiresInSeconds: 600}];
	const options = completed(provider.issuer, {mappings});
	return {
		authenticator: await oidcType.create(options, {name: 'ci', logger: silentLogger}),
		person: {name: 'ann', groups: []},
		other: {name: 'bob', groups: []},
		makeToken: () => provider.buildToken({claims: {repository: 'team/app'}}),
		interrupt: () => provider.pause(),
		restore: () => provider.resume(),
		close: () => provider.stop(),
	};
}

authenticatorSuite({test, open, checks: ['tokens'], title: 'OpenID Connect'});
