import {type Plugin, definePlugin} from '@stowage/core';
import {s3Driver} from './s3-driver-type.ts';

const plugin: Plugin = definePlugin({
	name: '@stowage/s3',
	api: 1,
	storageDrivers: [s3Driver],
});

export default plugin;
