import type {StorageDriver, StorageDriverType} from '@stowage/core';
import {Cache} from './cache.ts';
import {type TieredOptions, tieredOptions} from './options.ts';
import {TieredDriver} from './tiered-driver.ts';

/** Puts a bounded cache on one configured storage in front of another one. */
export const tieredDriver: StorageDriverType<TieredOptions> = {
	type: 'tiered',
	options: {...tieredOptions},
	dependencies: ({storage, cache}) => [storage, cache],
	async create({storage, cache, maxMebibytes}, {storages, logger, signal}) {
		const find = (name: string): StorageDriver => {
			const found = storages?.get(name);
			if (found === undefined) {
				throw new Error(`there is no storage "${name}"`);
			}
			return found;
		};
		const slow = find(storage);
		const options = {maxBytes: maxMebibytes * 1024 * 1024, logger};
		return new TieredDriver(slow, await Cache.open(find(cache), options, {signal}));
	},
};
