import type {IncomingHttpHeaders} from 'node:http';

export type Credentials =
	| {readonly scheme: 'basic'; readonly name: string; readonly password: string}
	| {readonly scheme: 'bearer'; readonly token: string};

const schemeAndRest = /^([A-Za-z]+) +([A-Za-z0-9+/_.~-]+={0,2}) *$/;
const base64 = /^[A-Za-z0-9+/]*={0,2}$/;

/** Undefined unless `header` is well-formed `Basic` (RFC 7617, UTF-8) or `Bearer` (RFC 6750) credentials. */
export function findCredentials(header: string): Credentials | undefined {
	const [, scheme = '', rest = ''] = schemeAndRest.exec(header) ?? [];
	switch (scheme.toLowerCase()) {
		case 'basic':
			return findBasic(rest);
		case 'bearer':
			return {scheme: 'bearer', token: rest};
		default:
			return undefined;
	}
}

/** What a request says of its sender: `Authorization`, or else the header of Artifactory's that holds a key or token as it is. */
export function authorizationOf({authorization, 'x-jfrog-art-api': key}: IncomingHttpHeaders): string | undefined {
	return authorization === undefined && typeof key === 'string' ? `Bearer ${key}` : authorization;
}

/** The header with which `findCredentials` gives `name` and `password` back, if `name` has no colon. */
export function basicAuthorization(name: string, password: string): string {
	return `Basic ${Buffer.from(`${name}:${password}`).toString('base64')}`;
}

function findBasic(encoded: string): Credentials | undefined {
	const text = base64.test(encoded) ? decodeUtf8(Buffer.from(encoded, 'base64')) : undefined;
	const colon = text?.indexOf(':') ?? -1;
	if (text === undefined || colon < 0 || hasControlCharacter(text)) {
		return undefined;
	}
	return {scheme: 'basic', name: text.slice(0, colon), password: text.slice(colon + 1)};
}

function decodeUtf8(bytes: Uint8Array): string | undefined {
	try {
		return new TextDecoder('utf-8', {fatal: true, ignoreBOM: true}).decode(bytes);
	} catch {
		return undefined;
	}
}

function hasControlCharacter(text: string): boolean {
	return /\p{Cc}/u.test(text);
}
