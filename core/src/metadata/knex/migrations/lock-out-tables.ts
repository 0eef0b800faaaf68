import {integer, name} from './column-types.ts';
import type {TableDefinition} from './table-definition.ts';

/** Who has to wait after too many failures. */
export const lockOutTables: readonly TableDefinition[] = [
	{
		name: 'lock_outs',
		columns: {name, locked_until: integer},
		primaryKey: ['name'],
		indexes: {lock_outs_until: ['locked_until']},
	},
];
