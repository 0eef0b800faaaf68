import {definePlugin} from '@stowage/core';
import {findAuthorization} from './protocol/credentials.ts';
import {defineV1} from './protocol/define-v1.ts';
import {completeName} from './protocol/image-name.ts';
import {ping} from './protocol/users.ts';

export default definePlugin({
	name: '@stowage/v1-migration',
	api: 1,
	async setup(host) {
		host.protocol('v1', routes => defineV1(routes, host.repositories), {
			authorization: findAuthorization,
			imageName: completeName,
			errorBody: ({message}) => ({error: message}),
		});
		// Engines of the first years asked here.
		host.routes('/_ping', routes => routes.route('GET', '', 'public', ping));
	},
});
