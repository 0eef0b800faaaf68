import {createSecretKey} from 'node:crypto';
import type {Client} from 'ssh2';

/** What of the library's client is not in its types: the ciphers of the connection, and the keys that they hold. */
interface ClientParts {
	readonly _protocol?: {readonly _cipher?: Record<string, unknown>; readonly _decipher?: Record<string, unknown>};
}

const keys = ['_encKey', '_encKeyMain', '_encKeyPktLen', '_decipherKey', '_decKeyMain', '_decKeyPktLen'];

/**
 * Has the keys of a connection made ready once. The library begins a cipher for each packet with a key in bytes, which
 * Node 24 first takes for a key object and for a Web Crypto key: that was a quarter of what a transfer cost (measured).
 */
export function prepareKeys(client: Client): void {
	// Keys change while a connection lasts.
	client.on('handshake', () => {
		const {_cipher, _decipher} = (client as ClientParts)._protocol ?? {};
		for (const cipher of [_cipher ?? {}, _decipher ?? {}]) {
			for (const name of keys) {
				const key = cipher[name];
				if (Buffer.isBuffer(key)) {
					cipher[name] = createSecretKey(key);
				}
			}
		}
	});
}
