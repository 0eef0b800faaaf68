import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {text} from 'node:stream/consumers';
import {printJson} from './access.ts';
import {requestIdToken} from './login/device-grant.ts';
import {LoginError} from './login/login-error.ts';
import {sendForm} from './login/send-form.ts';

export interface LoginOptions {
	readonly provider: string;
	readonly issuer?: string;
	readonly clientId?: string;
	readonly scope: string;
	readonly idTokenStdin?: boolean;
	readonly with?: string;
}

interface Exchanged {
	readonly username: string;
	readonly token: string;
	readonly expiresIn?: number;
}

/** Gets a token of a provider, exchanges it for one of the registry, and signs in with that. Rejects with `LoginError`. */
export async function login(registry: string, options: LoginOptions): Promise<void> {
	const url = registryUrl(registry);
	const exchanged = await exchange(url, options.provider, await idTokenOf(options));
	if (options.with === undefined) {
		printJson(exchanged);
	} else {
		await signIn(options.with, url.host, exchanged);
	}
}

/** A host as images have it; without encryption only on this machine, as docker does it. */
function registryUrl(registry: string): URL {
	const local = /^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])(?::\d+)?$/.test(registry);
	const url = URL.parse(/^https?:\/\//.test(registry) ? registry : `${local ? 'http' : 'https'}://${registry}`);
	if (url === null || url.pathname !== '/' || url.username !== '') {
		throw new LoginError(`"${registry}" is no host of a registry`);
	}
	return url;
}

async function idTokenOf({issuer, clientId, scope, idTokenStdin = false}: LoginOptions): Promise<string> {
	if (idTokenStdin) {
		return (await text(process.stdin)).trim();
	}
	if (issuer === undefined || clientId === undefined) {
		throw new LoginError('--issuer and --client-id say where to sign in; or --id-token-stdin brings a token');
	}
	return requestIdToken({issuer, clientId, scope, tell: line => void process.stderr.write(`${line}\n`)});
}

async function exchange(registry: URL, provider: string, idToken: string): Promise<Exchanged> {
	const {status, json} = await sendForm(new URL('/access/api/v1/oidc/token', registry), {
		json: {
			grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
			subject_token_type: 'urn:ietf:params:oauth:token-type:id_token',
			subject_token: idToken,
			provider_name: provider,
		},
	});
	const {access_token: token, username, expires_in: expiresIn, errors} = json;
	if (status !== 200 || typeof token !== 'string' || typeof username !== 'string') {
		const [{message = ''} = {}] = (errors ?? []) as readonly {readonly message?: string}[];
		throw new LoginError(`${registry.host} answers with ${status}: ${message}`);
	}
	return {username, token, ...(typeof expiresIn === 'number' && {expiresIn})};
}

async function signIn(program: string, host: string, {username, token}: Exchanged): Promise<void> {
	const child = spawn(program, ['login', '--username', username, '--password-stdin', host], {
		stdio: ['pipe', 'inherit', 'inherit'],
	});
	// A program that does not read says so by its status.
	child.stdin.on('error', () => undefined).end(token);
	const [code] = await once(child, 'close').catch((error: unknown) => {
		throw new LoginError(`${program} cannot be started: ${(error as Error).message}`, {cause: error});
	});
	if (code !== 0) {
		throw new LoginError(`"${program} login" ended with ${String(code)}`);
	}
}
