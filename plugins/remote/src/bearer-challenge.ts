/** What an answer 401 says of the token that is wanted (the distribution project's token specification). */
export interface BearerChallenge {
	readonly realm: string;
	readonly service?: string;
	/** Separated by spaces. */
	readonly scope?: string;
}

export type Challenge = {readonly scheme: 'basic'} | ({readonly scheme: 'bearer'} & BearerChallenge);

const longest = 4096;

/** The scheme to answer a `WWW-Authenticate` with (RFC 9110, section 11.6.1). Undefined when it names none that is known. */
export function parseChallenge(header: string | undefined): Challenge | undefined {
	if (header === undefined || header.length > longest) {
		return undefined;
	}
	const bearer = /(?:^|,)\s*bearer\s+(.*)$/i.exec(header)?.[1];
	if (bearer !== undefined) {
		const parameters = parseParameters(bearer);
		const {realm, service, scope} = parameters;
		return realm === undefined ? undefined : {scheme: 'bearer', realm, service, scope};
	}
	return /(?:^|,)\s*basic\b/i.test(header) ? {scheme: 'basic'} : undefined;
}

function parseParameters(text: string): Readonly<Record<string, string | undefined>> {
	const parameters: Record<string, string> = {};
	for (const [, name = '', quoted, plain = ''] of text.matchAll(/([a-z_]+)="?(?:(?<=")([^"]*)"|([^\s,"]+))/gi)) {
		parameters[name.toLowerCase()] ??= quoted ?? plain;
	}
	return parameters;
}
