const secretNames: ReadonlySet<string> = new Set([
	'password',
	'passwordhash',
	'secret',
	'token',
	'accesstoken',
	'access_token',
	'refreshtoken',
	'refresh_token',
	'apikey',
	'privatekey',
	'connectionstring',
	'authorization',
	'cookie',
	'set-cookie',
	'x-jfrog-art-api',
]);

/** How far down secrets are looked for: headers of a request, which stand deepest, are in `req.headers`. */
const deepest = 4;

/**
 * The fields of a log line with the values of those masked that hold secrets by their names, whatever their case. What
 * has none is given back as it is. Quicker than pino's own redaction, which costs 30 microseconds a line with so many paths.
 */
export function maskFields<Fields extends object>(fields: Fields, depth = 1): Fields {
	let masked: Fields | undefined;
	for (const name in fields) {
		const value: unknown = fields[name];
		const shown = secretNames.has(name.toLowerCase())
			? '***'
			: depth < deepest && isPlain(value)
				? maskFields(value, depth + 1)
				: value;
		if (shown !== value) {
			masked = Object.assign(masked ?? {...fields}, {[name]: shown});
		}
	}
	return masked ?? fields;
}

/** Errors and other instances have their own ways to be shown. */
function isPlain(value: unknown): value is object {
	if (typeof value !== 'object' || value === null) {
		return false;
	}
	const prototype: unknown = Object.getPrototypeOf(value);
	return prototype === Object.prototype || prototype === null;
}
