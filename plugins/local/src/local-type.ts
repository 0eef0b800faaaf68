import type {RepositoryType} from '@stowage/core';
import {LocalRepository} from './local-repository.ts';
import {type LocalOptions, localOptions} from './options.ts';
import {V1LocalRepository} from './v1-local-repository.ts';

/** `type: local`: what is pushed to it stays here, and nothing comes from anywhere else. */
export const localType: RepositoryType<LocalOptions> = {
	type: 'local',
	options: {...localOptions},
	rules: options => options,
	async create(options, context) {
		return options.dockerApiVersion === 'V1' ? new V1LocalRepository(context) : new LocalRepository(options, context);
	},
};
