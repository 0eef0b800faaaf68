import {type Plugin, definePlugin} from '@stowage/core';
import {gcsDriver} from './gcs-driver-type.ts';

const plugin: Plugin = definePlugin({
	name: '@stowage/gcs',
	api: 1,
	storageDrivers: [gcsDriver],
});

export default plugin;
