import {finished, type Readable, Transform, type TransformCallback} from 'node:stream';
import type {DigestBuilder} from '../oci/digest.ts';
import type {Abortable} from '../types/abortable.ts';

export interface ReceivedBodyOptions extends Abortable {
	/** Is given every byte that passes. */
	readonly hash?: DigestBuilder;
	/** Called before every piece; what it throws breaks the stream. */
	readonly check: () => void;
}

/**
 * What a client sends, hashed in passing and not copied. When the client breaks off or `signal` aborts, the stream ends
 * as if all had come, so that the driver makes safe what it was given, and `broken` says why.
 */
export class ReceivedBody {
	readonly stream: Readable;
	#bytes = 0;
	#broken: {readonly reason: unknown} | undefined;
	readonly #body: Readable;
	readonly #passing: Transform;
	readonly #forget: () => void;

	constructor(body: Readable, {hash, check, signal}: ReceivedBodyOptions) {
		const transform = (chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback) => {
			try {
				check();
			} catch (error) {
				done(error as Error);
				return;
			}
			hash?.update(chunk);
			this.#bytes += chunk.length;
			done(null, chunk);
		};
		this.#body = body;
		this.#passing = new Transform({transform, writableHighWaterMark: 1 << 18, readableHighWaterMark: 1 << 18});
		// The driver's rejection tells it; without a listener it would end the process.
		this.#passing.on('error', () => undefined);
		this.#forget = finished(body, {writable: false, signal}, error => {
			if (error) {
				this.#broken = {reason: signal?.aborted ? signal.reason : error};
				body.unpipe(this.#passing);
			}
			this.#passing.end();
		});
		// `pipeline` would destroy the driver's stream, and so what it has stored, when the client breaks off.
		body.pipe(this.#passing, {end: false});
		this.stream = this.#passing;
	}

	/** How many have passed. */
	get bytes(): number {
		return this.#bytes;
	}

	/** Set when the body ended before its time. */
	get broken(): {readonly reason: unknown} | undefined {
		return this.#broken;
	}

	/** Lets go of the body, which is its opener's to drain or destroy. */
	close(): void {
		this.#forget();
		this.#body.unpipe(this.#passing);
		this.#passing.destroy();
	}
}
