import {integer, longText, name} from './column-types.ts';
import type {TableDefinition} from './table-definition.ts';

/** Of what the server does now and then. */
export const maintenanceTables: readonly TableDefinition[] = [
	{
		// What a job has told of its last run, or tells of the one that is under way, in JSON.
		name: 'job_reports',
		columns: {name, value: longText, updated_at: integer},
		primaryKey: ['name'],
	},
];
