import {createHash, hash} from 'node:crypto';
import {RegistryError} from './registry-error.ts';

declare const brand: unique symbol;

/** `<algorithm>:<lower-case hex>` of a registered algorithm. Made only by {@link parseDigest} and {@link digestOf}. */
export type Digest = string & {readonly [brand]: 'digest'};

/** Registered algorithms of the image specification (descriptor.md, "Registered Algorithms") and their hex lengths. */
const hexLengths = {sha256: 64, sha512: 128} as const;

export type DigestAlgorithm = keyof typeof hexLengths;

/** Whether `text` names an algorithm whose digests can be computed and verified here. */
export function isDigestAlgorithm(text: string): text is DigestAlgorithm {
	return Object.hasOwn(hexLengths, text);
}

/** Undefined when `text` is not a digest of a registered algorithm, written as the image specification demands. */
export function findDigest(text: string): Digest | undefined {
	const colon = text.indexOf(':');
	const algorithm = text.slice(0, colon);
	if (colon < 0 || !isDigestAlgorithm(algorithm)) {
		return undefined;
	}
	const hex = text.slice(colon + 1);
	return hex.length === hexLengths[algorithm] && /^[a-f0-9]+$/.test(hex) ? (text as Digest) : undefined;
}

/** Throws `DIGEST_INVALID` when `text` is not a digest of a registered algorithm. */
export function parseDigest(text: string): Digest {
	const digest = findDigest(text);
	if (digest === undefined) {
		throw new RegistryError('DIGEST_INVALID', 'not a sha256 or sha512 digest', {detail: {digest: text.slice(0, 160)}});
	}
	return digest;
}

export function digestAlgorithm(digest: Digest): DigestAlgorithm {
	return digest.slice(0, digest.indexOf(':')) as DigestAlgorithm;
}

export function digestHex(digest: Digest): string {
	return digest.slice(digest.indexOf(':') + 1);
}

export function digestOf(bytes: Uint8Array, algorithm: DigestAlgorithm = 'sha256'): Digest {
	return `${algorithm}:${hash(algorithm, bytes, 'hex')}` as Digest;
}

/** Computes a digest of bytes that come in pieces. */
export class DigestBuilder {
	readonly algorithm: DigestAlgorithm;
	readonly #hash;

	constructor(algorithm: DigestAlgorithm = 'sha256') {
		this.algorithm = algorithm;
		this.#hash = createHash(algorithm);
	}

	update(bytes: Uint8Array): void {
		this.#hash.update(bytes);
	}

	/** Digest of what came so far; more may follow. */
	digest(): Digest {
		return `${this.algorithm}:${this.#hash.copy().digest('hex')}` as Digest;
	}
}
