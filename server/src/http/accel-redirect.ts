import type {IncomingMessage} from 'node:http';
import {relative, sep} from 'node:path';
import type {AccelRedirectConfiguration} from '../config/configuration.ts';
import type {TrustedProxies} from './trusted-proxies.ts';

/** Lets a proxy that reads the same disk send files of ours itself, ranges of them too. */
export class AccelRedirect {
	/** Name of the header that tells the proxy to. */
	readonly header: string;
	readonly #prefix: string;
	readonly #folder: string;
	readonly #proxies: TrustedProxies;

	constructor({header, prefix, folder}: AccelRedirectConfiguration, proxies: TrustedProxies) {
		this.header = header;
		this.#prefix = prefix;
		this.#folder = folder;
		this.#proxies = proxies;
	}

	/**
	 * Where the proxy has the file of this path. Undefined for a file elsewhere, and for a neighbour that is no trusted proxy
	 * or does not say (`X-Sendfile-Type`, as Rack has it) that it knows the header.
	 */
	find({socket, headers}: IncomingMessage, path: string): string | undefined {
		if (headers['x-sendfile-type'] !== this.header || !this.#proxies.trusts(socket.remoteAddress)) {
			return undefined;
		}
		const steps = relative(this.#folder, path).split(sep);
		return steps[0] === '..' || steps[0] === ''
			? undefined
			: `${this.#prefix}/${steps.map(encodeURIComponent).join('/')}`;
	}
}
