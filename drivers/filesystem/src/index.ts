import {type Plugin, definePlugin} from '@stowage/core';
import {filesystemDriver} from './filesystem-driver-type.ts';

const plugin: Plugin = definePlugin({
	name: '@stowage/filesystem',
	api: 1,
	storageDrivers: [filesystemDriver],
});

export default plugin;
