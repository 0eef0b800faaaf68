import type {RepositoryType} from '@stowage/core';
import {type VirtualOptions, virtualOptions} from './options.ts';
import {VirtualRepository} from './virtual-repository.ts';

/** `type: virtual`: several repositories under one name. */
export const virtualType: RepositoryType<VirtualOptions> = {
	type: 'virtual',
	options: {...virtualOptions},
	rules: options => options,
	dependencies: ({repositories}) => repositories,
	check({repositories, defaultDeploymentRepo}) {
		return defaultDeploymentRepo === '' || repositories.includes(defaultDeploymentRepo)
			? []
			: [
					{
						path: '/defaultDeploymentRepo',
						message: 'must be one of "repositories", or what is pushed could not be pulled',
					},
				];
	},
	without: (options, key) => ({
		...options,
		repositories: options.repositories.filter(member => member !== key),
		defaultDeploymentRepo: options.defaultDeploymentRepo === key ? '' : options.defaultDeploymentRepo,
	}),
	async create(options, context) {
		return new VirtualRepository(options, context);
	},
};
