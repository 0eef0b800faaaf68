import type {StorageDriverType} from '@stowage/core';
import {type S3Options, s3Options} from './options.ts';

/** Keeps each object as an object of one bucket. */
export const s3Driver: StorageDriverType<S3Options> = {
	type: 's3',
	options: {...s3Options},
	async create(options, context) {
		// The SDK takes a while to load: only who has such a storage pays for it.
		const {openDriver} = await import('./open-driver.ts');
		return openDriver(options, context);
	},
};
