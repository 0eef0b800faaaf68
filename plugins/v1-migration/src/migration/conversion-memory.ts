import {type Json, type MigrationRequest, findDigest} from '@stowage/core';
import type {ConvertedLayer} from './convert-layer.ts';

const none = {digest: null, diffId: null, size: 0};

/** What layers have turned out to be, so that none is read twice, whatever ended the migration before. */
export class ConversionMemory {
	readonly #values: MigrationRequest['values'];

	constructor(values: MigrationRequest['values']) {
		this.#values = values;
	}

	/** `key`: see `V1SourceLayer`. */
	async find(key: string): Promise<ConvertedLayer | undefined> {
		const value = await this.#values.getValue(nameOf(key));
		if (value === null || typeof value !== 'object' || Array.isArray(value)) {
			return undefined;
		}
		const {digest, diffId, size} = value as Readonly<Record<string, Json>>;
		if (digest === null) {
			return {empty: true};
		}
		if (typeof digest !== 'string' || typeof diffId !== 'string' || typeof size !== 'number') {
			return undefined;
		}
		const [blob, tar] = [findDigest(digest), findDigest(diffId)];
		return blob && tar && {empty: false, digest: blob, diffId: tar, size};
	}

	async keep(key: string, layer: ConvertedLayer): Promise<void> {
		const {digest, diffId, size} = layer.empty ? none : layer;
		await this.#values.setValue(nameOf(key), {digest, diffId, size});
	}
}

function nameOf(key: string): string {
	return `v1-layer ${key}`;
}
