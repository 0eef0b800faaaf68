import type {StorageDriverType} from '@stowage/core';
import {type GcsOptions, gcsOptions} from './options.ts';

/** Keeps each object as an object of one bucket of Google Cloud Storage. */
export const gcsDriver: StorageDriverType<GcsOptions> = {
	type: 'gcs',
	options: {...gcsOptions},
	async create(options, context) {
		// The SDK takes a while to load: only who has such a storage pays for it.
		const {openDriver} = await import('./open-driver.ts');
		return openDriver(options, context);
	},
};
