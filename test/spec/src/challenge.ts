/** What `WWW-Authenticate` asks a client to do (distribution project, "Token Authentication Specification"). */
export interface Challenge {
	readonly realm: string;
	readonly service: string;
	readonly scope: string | undefined;
	readonly error: string | undefined;
}

/** Throws when it is no Bearer challenge with a realm and a service. */
export function parseChallenge(header: string): Challenge {
	const space = header.indexOf(' ');
	const [scheme, rest] = [header.slice(0, space), header.slice(space + 1)];
	const parameters = new Map([...rest.matchAll(/([a-z_]+)="([^"]*)"(?:,\s*|$)/g)].map(match => [match[1], match[2]]));
	const [realm, service] = [parameters.get('realm'), parameters.get('service')];
	if (scheme !== 'Bearer' || realm === undefined || service === undefined) {
		throw new Error(`not a Bearer challenge: ${header}`);
	}
	return {realm, service, scope: parameters.get('scope'), error: parameters.get('error')};
}
