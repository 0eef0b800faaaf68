import {hash} from 'node:crypto';

const algorithm = 'GOOG4-RSA-SHA256';

export interface AddressRequest {
	/** Address of the service. */
	readonly endpoint: string;
	readonly bucket: string;
	readonly name: string;
	/** The service account that signs. */
	readonly email: string;
	readonly expiresInSeconds: number;
	/** More of the query, signed too. */
	readonly query?: Readonly<Record<string, string | undefined>>;
	/** Gives the signature of this text, RSA with SHA-256. */
	readonly sign: (text: string) => Promise<Buffer>;
}

/** An address with which anybody may GET one object for a while (Cloud Storage, V4 signing process). */
export async function signedAddress(request: AddressRequest): Promise<URL> {
	const {endpoint, bucket, name, email, expiresInSeconds} = request;
	const url = new URL(endpoint);
	url.pathname = [url.pathname.replace(/\/$/, ''), ...[bucket, ...name.split('/')].map(encode)].join('/');
	const date = new Date().toISOString().replace(/[-:]|\.\d+/g, '');
	const scope = `${date.slice(0, 8)}/auto/storage/goog4_request`;
	const query = queryOf({
		...request.query,
		'X-Goog-Algorithm': algorithm,
		'X-Goog-Credential': `${email}/${scope}`,
		'X-Goog-Date': date,
		'X-Goog-Expires': String(expiresInSeconds),
		'X-Goog-SignedHeaders': 'host',
	});
	const canonical = ['GET', url.pathname, query, `host:${url.host}\n`, 'host', 'UNSIGNED-PAYLOAD'].join('\n');
	const signature = await request.sign([algorithm, date, scope, hash('sha256', canonical)].join('\n'));
	url.search = `${query}&X-Goog-Signature=${signature.toString('hex')}`;
	return url;
}

function queryOf(parameters: Readonly<Record<string, string | undefined>>): string {
	return Object.keys(parameters)
		.toSorted((one, other) => (one < other ? -1 : 1))
		.flatMap(name => {
			const value = parameters[name];
			return value === undefined ? [] : [`${encode(name)}=${encode(value)}`];
		})
		.join('&');
}

/** All but what RFC 3986 calls unreserved. */
function encode(text: string): string {
	return encodeURIComponent(text).replace(/[!'()*]/g, each => `%${each.charCodeAt(0).toString(16).toUpperCase()}`);
}
