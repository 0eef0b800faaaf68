import {type RepositoryType, isAddressRange} from '@stowage/core';
import {readIdentity} from './client-identity.ts';
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
	check: options => [...checkUrl(options), ...checkAddresses(options), ...checkCertificate(options)],
	async create(options, context) {
		// With an HTTP client that takes long to load, and is not needed where there are no remote repositories.
		const {RemoteRepository} = await import('./remote-repository.ts');
		return new RemoteRepository(options, context);
	},
};

type Problems = readonly {readonly path: string; readonly message: string}[];

function checkUrl({url}: RemoteOptions): Problems {
	return URL.canParse(url) ? [] : [{path: '/url', message: 'must be an address such as https://registry-1.docker.io'}];
}

function checkAddresses({allowedAddresses}: RemoteOptions): Problems {
	return allowedAddresses.flatMap((range, index) =>
		isAddressRange(range)
			? []
			: [{path: `/allowedAddresses/${index}`, message: 'must be an address or a range such as 10.0.0.0/8'}],
	);
}

function checkCertificate({clientTlsCertificate}: RemoteOptions): Problems {
	try {
		if (clientTlsCertificate !== undefined) {
			readIdentity(clientTlsCertificate);
		}
		return [];
	} catch (error) {
		return [{path: '/clientTlsCertificate', message: (error as Error).message}];
	}
}
