import {type Plugin, definePlugin} from '@stowage/core';
import {azureDriver} from './azure-driver-type.ts';

const plugin: Plugin = definePlugin({
	name: '@stowage/azure',
	api: 1,
	storageDrivers: [azureDriver],
});

export default plugin;
