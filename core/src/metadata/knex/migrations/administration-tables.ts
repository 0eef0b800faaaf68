import {belongsTo, integer, longText} from './column-types.ts';
import type {TableDefinition} from './table-definition.ts';

/** Of repositories besides their definitions. */
export const administrationTables: readonly TableDefinition[] = [
	{
		// JSON of what was said of a repository and its type does not know; none without a row.
		name: 'repository_attributes',
		columns: {repository_id: integer, value: longText},
		primaryKey: ['repository_id'],
		foreignKeys: {repository_attributes_repository: belongsTo('repositories', 'repository_id')},
	},
];
