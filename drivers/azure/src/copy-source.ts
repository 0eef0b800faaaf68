import type {BlobClient, HttpAuthorization} from '@azure/storage-blob';
import type {Abortable} from '@stowage/core';
import type {Tokens} from './tokens.ts';
import type {SignUrl} from './url-signer.ts';

/** The service waits for nobody while it copies, but the pieces of a large blob are read one after the other. */
const lifetimeSeconds = 6 * 3600;

/** Where the service reads what it is to copy, and what allows it to. */
export interface CopySource {
	readonly url: string;
	readonly sourceAuthorization?: HttpAuthorization;
}

export type OpenSource = (blob: BlobClient, options: Abortable) => Promise<CopySource>;

/** With a shared access signature, which is in every address. */
export const plainSource: OpenSource = async ({url}) => ({url});

/** With an account key. */
export function signedSource(signUrl: SignUrl): OpenSource {
	return async ({url, name, containerName}, {signal}) => {
		const signed = new URL(url);
		signed.search = await signUrl({
			container: containerName,
			blob: name,
			expiresInSeconds: lifetimeSeconds,
			plain: signed.protocol === 'http:',
			signal,
		});
		return {url: signed.href};
	};
}

/** With an identity. */
export function bearerSource(tokens: Tokens): OpenSource {
	return async ({url}, {signal}) => ({
		url,
		sourceAuthorization: {scheme: 'Bearer', value: await tokens.get({signal})},
	});
}
