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
		const [slow, fast] = [find(storage), find(cache)];
		if (fast.durable === false) {
			throw new Error(`what a crash leaves of "${cache}" cannot be trusted: give that storage \`durable: true\``);
		}
		const options = {maxBytes: maxMebibytes * 1024 * 1024, logger};
		return new TieredDriver(slow, await Cache.open(fast, options, {signal}));
	},
};
