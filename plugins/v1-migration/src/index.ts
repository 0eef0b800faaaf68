import {definePlugin} from '@stowage/core';
import {defineV1} from './protocol/define-v1.ts';

export default definePlugin({
	name: '@stowage/v1-migration',
	api: 1,
	async setup(host) {
		host.protocol('v1', routes => defineV1(routes));
	},
});
