import {type Abortable, type Digest, DigestBuilder} from '@stowage/core';
import {ConversionError} from './conversion-error.ts';
import {type LayerLimits, freeBytes} from './layer-limits.ts';
import {TarScanner} from './tar-scanner.ts';

/** What the tar of a layer turned out to be. */
export interface LayerFacts {
	/** Of the tar itself. */
	readonly diffId: Digest;
	/** Files, folders, links, and marks of what is deleted. */
	readonly entries: number;
}

export interface LayerReadOptions extends Abortable {
	/** Is told all that passes. */
	readonly reading: LayerReading;
}

/** The tar of one layer while it passes by. Throws `ConversionError` for one that is hostile, or beyond the limits. */
export class LayerReading {
	readonly #limits: LayerLimits;
	readonly #onReceive: ((bytes: number) => void) | undefined;
	readonly #hash = new DigestBuilder();
	readonly #scanner = new TarScanner();
	#received = 0;
	#bytes = 0;

	constructor(limits: LayerLimits, onReceive?: (bytes: number) => void) {
		this.#limits = limits;
		this.#onReceive = onReceive;
	}

	/** Bytes of the layer as it is stored, so far. */
	get received(): number {
		return this.#received;
	}

	/** To be told before what is made of these bytes is taken. */
	receive(bytes: number): void {
		this.#received += bytes;
		this.#onReceive?.(bytes);
	}

	take(tar: Buffer): void {
		const {maxLayerBytes, maxExpansion} = this.#limits;
		this.#bytes += tar.length;
		if (this.#bytes > maxLayerBytes) {
			throw new ConversionError('layer-too-large', `the tar of the layer has more than ${maxLayerBytes} bytes`);
		}
		if (this.#bytes > freeBytes && this.#bytes > this.#received * maxExpansion) {
			const message = `the layer expands to more than ${maxExpansion} times its size`;
			throw new ConversionError('layer-too-large', message);
		}
		this.#hash.update(tar);
		this.#scanner.push(tar);
	}

	end(): LayerFacts {
		this.#scanner.end();
		return {diffId: this.#hash.digest(), entries: this.#scanner.entries};
	}
}
