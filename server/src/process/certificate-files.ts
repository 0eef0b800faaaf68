import {readFile, stat} from 'node:fs/promises';
import {createSecureContext} from 'node:tls';
import type {Logger} from '@stowage/core';
import {ConfigError} from '../config/config-error.ts';

export interface CertificateAndKey {
	/** PEM. */
	readonly cert: Buffer;
	/** PEM. */
	readonly key: Buffer;
}

interface CertificateFilesOptions {
	/** Paths. */
	readonly certificate: string;
	readonly key: string;
	readonly logger: Logger;
	/** How often is looked whether the files are others; 5,000 unless told. */
	readonly checkEveryMs?: number;
}

/**
 * A certificate and its key, read again when they change. Looking at the files now and then also sees what no file
 * system event tells of: a changed link (Kubernetes), a network file system. A pair that does not fit together, as in the
 * middle of a renewal, leaves the one before in use.
 */
export class CertificateFiles {
	readonly #options: CertificateFilesOptions;
	readonly #onChange = new Set<(pair: CertificateAndKey) => void>();
	readonly #timer: NodeJS.Timeout;
	#current: CertificateAndKey;
	#seen: string;
	#checking: Promise<void> | undefined;

	private constructor(options: CertificateFilesOptions, current: CertificateAndKey, seen: string) {
		this.#options = options;
		this.#current = current;
		this.#seen = seen;
		this.#timer = setInterval(() => {
			this.#checking ??= this.#check().finally(() => (this.#checking = undefined));
		}, options.checkEveryMs ?? 5000).unref();
	}

	/** Rejects with `ConfigError` when the files cannot be read or do not fit together. */
	static async open(options: CertificateFilesOptions): Promise<CertificateFiles> {
		try {
			const seen = await fingerprint(options);
			return new CertificateFiles(options, await read(options), seen);
		} catch (error) {
			const message = `cannot use ${options.certificate} with ${options.key}: ${(error as Error).message}`;
			throw new ConfigError([{source: 'tls', message}], {cause: error});
		}
	}

	get current(): CertificateAndKey {
		return this.#current;
	}

	/** Calls `listener` with every new pair, once it has been found good. */
	onChange(listener: (pair: CertificateAndKey) => void): void {
		this.#onChange.add(listener);
	}

	async close(): Promise<void> {
		clearInterval(this.#timer);
		await this.#checking;
	}

	async #check(): Promise<void> {
		const {logger, certificate} = this.#options;
		try {
			const seen = await fingerprint(this.#options);
			if (seen === this.#seen) {
				return;
			}
			this.#seen = seen;
			this.#current = await read(this.#options);
			for (const listener of this.#onChange) {
				listener(this.#current);
			}
			logger.info({certificate}, 'certificate read again');
		} catch (error) {
			logger.warn({certificate, err: error}, 'certificate changed and cannot be used; the one before stays in use');
		}
	}
}

async function fingerprint({certificate, key}: CertificateFilesOptions): Promise<string> {
	const stats = await Promise.all([certificate, key].map(async path => stat(path, {bigint: true})));
	return stats.map(({ino, size, mtimeNs}) => `${ino}:${size}:${mtimeNs}`).join(' ');
}

async function read({certificate, key}: CertificateFilesOptions): Promise<CertificateAndKey> {
	const pair = {cert: await readFile(certificate), key: await readFile(key)};
	createSecureContext(pair);
	return pair;
}
