import type {StorageDriverType} from '@stowage/core';
import {type AzureOptions, azureOptions} from './options.ts';

/** Keeps each object as a block blob of one container. */
export const azureDriver: StorageDriverType<AzureOptions> = {
	type: 'azure',
	options: {...azureOptions},
	async create(options, context) {
		// The SDK takes a while to load: only who has such a storage pays for it.
		const {openDriver} = await import('./open-driver.ts');
		return openDriver(options, context);
	},
};
