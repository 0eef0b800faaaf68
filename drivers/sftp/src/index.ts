import {type Plugin, definePlugin} from '@stowage/core';
import {sftpDriver} from './sftp-driver-type.ts';

const plugin: Plugin = definePlugin({
	name: '@stowage/sftp',
	api: 1,
	storageDrivers: [sftpDriver],
});

export default plugin;
