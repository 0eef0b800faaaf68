import type {RepositoryType} from '@stowage/core';
import {LocalRepository} from './local-repository.ts';
import {type LocalOptions, localOptions} from './options.ts';

/** `type: local`: what is pushed to it stays here, and nothing comes from anywhere else. */
export const localType: RepositoryType<LocalOptions> = {
	type: 'local',
	options: {...localOptions},
	rules: options => options,
	async create(options, context) {
		return new LocalRepository(options, context);
	},
};
