import {definePlugin} from '@stowage/core';
import {localType} from './local-type.ts';

export {localType} from './local-type.ts';
export {type LocalOptions, localOptions} from './options.ts';

export default definePlugin({name: '@stowage/local', api: 1, repositoryTypes: [localType]});
