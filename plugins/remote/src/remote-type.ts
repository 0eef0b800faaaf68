import type {RepositoryType} from '@stowage/core';
import {checkOptions} from './check-options.ts';
import {type RemoteOptions, remoteOptions} from './options.ts';
import {UpstreamAddress} from './upstream-address.ts';

/** `type: remote`: shows what another registry has, and keeps what was asked for. */
export const remoteType: RepositoryType<RemoteOptions> = {
	type: 'remote',
	options: {...remoteOptions},
	cached: true,
	rules(options) {
		// Made when it is first needed: options that make none are told by `check`.
		let address: UpstreamAddress | undefined;
		return {...options, otherNameOf: image => (address ??= new UpstreamAddress(options)).otherNameOf(image)};
	},
	mirrors: options => new UpstreamAddress(options).hosts,
	check: checkOptions,
	async create(options, context) {
		// With an HTTP client that takes long to load, and is not needed where there are no remote repositories.
		const {RemoteRepository} = await import('./remote-repository.ts');
		return new RemoteRepository(options, context);
	},
};
