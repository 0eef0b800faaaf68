import {LRUCache} from 'lru-cache';
import {type DigestAlgorithm, DigestBuilder} from '../oci/digest.ts';

/**
 * Hashes of uploads that may go on in this process. One that was dropped, or that another process has, costs reading
 * the bytes once when the upload is committed.
 */
export class LiveHashes {
	readonly #hashes: LRUCache<string, DigestBuilder>;

	constructor({max = 1000}: {readonly max?: number} = {}) {
		this.#hashes = new LRUCache({max});
	}

	/** The hash of an upload's first `offset` bytes, which is the taker's from now on. */
	take(uploadId: string, offset: number, algorithm: DigestAlgorithm): DigestBuilder | undefined {
		if (offset === 0) {
			return new DigestBuilder(algorithm);
		}
		const key = `${uploadId}@${offset}`;
		const hash = this.#hashes.get(key);
		this.#hashes.delete(key);
		return hash?.algorithm === algorithm ? hash : undefined;
	}

	keep(uploadId: string, offset: number, hash: DigestBuilder): void {
		this.#hashes.set(`${uploadId}@${offset}`, hash);
	}
}
