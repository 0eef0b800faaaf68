import {definePlugin} from '@stowage/core';
import {virtualType} from './virtual-type.ts';

export {type VirtualOptions, virtualOptions} from './options.ts';
export {virtualType} from './virtual-type.ts';

export default definePlugin({name: '@stowage/virtual', api: 1, repositoryTypes: [virtualType]});
