import {type Plugin, definePlugin} from '@stowage/core';
import {tieredDriver} from './tiered-driver-type.ts';

const plugin: Plugin = definePlugin({
	name: '@stowage/tiered',
	api: 1,
	storageDrivers: [tieredDriver],
});

export default plugin;
