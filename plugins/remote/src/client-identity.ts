/** A certificate with those between it and the root, and its key, each as PEM. */
export interface ClientIdentity {
	readonly certificate?: string;
	readonly key?: string;
}

const blocks = /-----BEGIN ([A-Z0-9 ]+)-----[\s\S]*?-----END \1-----/g;

/** Takes apart a PEM text that has both. Throws `TypeError` when one is missing. */
export function readIdentity(pem: string): Required<ClientIdentity> {
	const found = [...pem.matchAll(blocks)].map(([block, kind = '']) => ({block, kind}));
	const certificate = found.filter(({kind}) => kind === 'CERTIFICATE').map(({block}) => block);
	const key = found.find(({kind}) => kind.endsWith('PRIVATE KEY'))?.block;
	if (certificate.length === 0 || key === undefined) {
		throw new TypeError('must hold a certificate and its private key, each as PEM');
	}
	return {certificate: certificate.join('\n'), key};
}
