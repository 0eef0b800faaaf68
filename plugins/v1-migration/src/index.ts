import {definePlugin} from '@stowage/core';
import pLimit from 'p-limit';
import {V1Migration} from './migration/v1-migration.ts';
import {type V1Options, v1Options} from './options.ts';
import {findAuthorization} from './protocol/credentials.ts';
import {defineV1} from './protocol/define-v1.ts';
import {completeName} from './protocol/image-name.ts';
import {ping} from './protocol/users.ts';

/** Sums of tars that are made at once: each takes a processor, and the memory of its entries. */
const sumsAtOnce = 2;

export default definePlugin<V1Options>({
	name: '@stowage/v1-migration',
	api: 1,
	options: {...v1Options},
	migrations: [new V1Migration()],
	protocols: ['v1'],
	async setup(host) {
		const sums = pLimit(sumsAtOnce);
		host.protocol('v1', routes => defineV1(routes, host.repositories, sums), {
			authorization: findAuthorization,
			imageName: completeName,
			errorBody: ({message}) => ({error: message}),
		});
		// Engines of the first years asked here.
		host.routes('/_ping', routes => routes.route('GET', '', 'public', ping));
	},
});
