import {definePlugin} from '@stowage/core';
import {ldapType} from './ldap-type.ts';

export {ldapType} from './ldap-type.ts';
export {type LdapOptions, ldapOptions} from './options.ts';

export default definePlugin({name: '@stowage/ldap', api: 1, authenticators: [ldapType]});
