import {definePlugin} from '@stowage/core';
import {makeAtticDriver} from './attic-driver.ts';
import {windowType} from './window-type.ts';

export default definePlugin({
	name: '@stowage/example-own-plugin',
	api: 1,
	storageDrivers: [makeAtticDriver()],
	repositoryTypes: [windowType],
});
