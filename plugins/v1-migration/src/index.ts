import {definePlugin} from '@stowage/core';
import {v1Migration} from './migration/v1-migration.ts';
import {type V1Options, v1Options} from './options.ts';
import {defineV1} from './protocol/define-v1.ts';

export default definePlugin<V1Options>({
	name: '@stowage/v1-migration',
	api: 1,
	options: {...v1Options},
	migrations: [v1Migration],
	async setup(host) {
		host.protocol('v1', routes => defineV1(routes));
	},
});
