import {type Static, Type} from 'typebox';
import {migrationOptions} from './migration/migration-options.ts';

/** Options of the plugin as a whole. */
export const v1Options = Type.Object({migration: migrationOptions}, {additionalProperties: false});

export type V1Options = Static<typeof v1Options>;
