import {definePlugin} from '@stowage/core';
import {oidcType} from './oidc-type.ts';

export {oidcType} from './oidc-type.ts';
export {type OidcOptions, oidcOptions} from './options.ts';

export default definePlugin({name: '@stowage/oidc', api: 1, authenticators: [oidcType]});
