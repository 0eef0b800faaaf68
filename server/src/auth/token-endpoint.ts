import {RegistryError} from '@stowage/core';
import type {Context} from 'koa';
import type {Authenticated, Authenticator} from './authenticator.ts';
import {authorizationOf, basicAuthorization} from './authorization-header.ts';
import {type ScopeAddress, parseScopes} from './scope.ts';
import type {TokenAnswer} from './tokens.ts';

const formLimit = 64 * 1024;
const longestService = 255;

export interface TokenEndpointOptions {
	/** What names in scopes mean where the token is asked for. */
	readonly address: ScopeAddress;
	readonly remoteAddress: string;
}

/**
 * Answers `GET` and `POST .../v2/token`: the distribution project's token specification, and its OAuth 2 form.
 * Throws `UNAUTHORIZED` to who does not sign in and may not read, and to who signs in wrongly.
 */
export async function answerTokenRequest(
	context: Context,
	authenticator: Authenticator,
	options: TokenEndpointOptions,
): Promise<void> {
	context.set('Cache-Control', 'no-store');
	context.body =
		context.method === 'POST'
			? await grant(await readForm(context), authenticator, options)
			: await answerQuery(context, authenticator, options);
}

async function answerQuery(
	context: Context,
	authenticator: Authenticator,
	{address, remoteAddress}: TokenEndpointOptions,
): Promise<TokenAnswer> {
	const query = new URLSearchParams(context.querystring);
	const request = {scopes: parseScopes(query.getAll('scope')), service: serviceOf(query), address};
	const caller = await authenticator.authenticate(authorizationOf(context.req.headers), remoteAddress);
	if (caller.anonymous && !authenticator.anonymousAllowed) {
		// Not "authentication required": docker takes an error with that very message for a passing one, and tries for 50 seconds.
		throw new RegistryError('UNAUTHORIZED', 'authentication is required');
	}
	return authenticator.issueToken({...request, caller, offline: query.get('offline_token') === 'true'});
}

async function grant(
	form: URLSearchParams,
	authenticator: Authenticator,
	{address, remoteAddress}: TokenEndpointOptions,
): Promise<TokenAnswer> {
	const request = {scopes: parseScopes(form.getAll('scope')), service: serviceOf(form), address};
	switch (form.get('grant_type')) {
		case 'password': {
			const caller = await authenticatePassword(form, authenticator, remoteAddress);
			return authenticator.issueToken({...request, caller, offline: form.get('access_type') === 'offline'});
		}
		case 'refresh_token': {
			const refreshToken = required(form, 'refresh_token');
			const caller = await authenticator.authenticateRefreshToken(refreshToken);
			return {...(await authenticator.issueToken({...request, caller})), refresh_token: refreshToken};
		}
		default:
			throw badRequest('grant_type must be password or refresh_token');
	}
}

async function authenticatePassword(
	form: URLSearchParams,
	authenticator: Authenticator,
	remoteAddress: string,
): Promise<Authenticated> {
	const name = required(form, 'username');
	if (name.includes(':')) {
		throw new RegistryError('UNAUTHORIZED', 'invalid credentials');
	}
	return authenticator.authenticate(basicAuthorization(name, required(form, 'password')), remoteAddress);
}

/** The form as text, so that it means what the same words mean in a query. */
async function readForm(context: Context): Promise<URLSearchParams> {
	if (!context.is('urlencoded')) {
		throw new RegistryError('UNSUPPORTED', 'the body must be a form', {status: 415});
	}
	if (context.req.headers.expect !== undefined) {
		// The server leaves it to the handlers to tell a client that waits to send its body (RFC 9110, section 10.1.1).
		context.res.writeContinue();
	}
	const {koaBody} = await import('koa-body');
	const read = koaBody({urlencoded: true, json: false, text: false, formLimit, includeUnparsed: true});
	try {
		await read(context, async () => {});
	} catch (error) {
		// Not kept as the cause: it carries the body, and with it the password.
		const tooLarge = (error as {status?: unknown}).status === 413;
		throw tooLarge
			? new RegistryError('SIZE_INVALID', 'the form is too large', {status: 413})
			: badRequest('the form cannot be read');
	}
	return new URLSearchParams(context.request.rawBody);
}

function serviceOf(parameters: URLSearchParams): string | undefined {
	const service = parameters.get('service') ?? undefined;
	if (service !== undefined && service.length > longestService) {
		throw badRequest(`service is longer than ${longestService} characters`);
	}
	return service;
}

function required(parameters: URLSearchParams, name: string): string {
	const value = parameters.get(name);
	if (value === null || value === '') {
		throw badRequest(`${name} is missing`);
	}
	return value;
}

function badRequest(message: string): RegistryError {
	return new RegistryError('UNSUPPORTED', message, {status: 400});
}
