import {definePlugin} from '@stowage/core';
import {remoteType} from './remote-type.ts';

export {remoteType} from './remote-type.ts';
export {type RemoteOptions, remoteOptions} from './options.ts';

export default definePlugin({name: '@stowage/remote', api: 1, repositoryTypes: [remoteType]});
