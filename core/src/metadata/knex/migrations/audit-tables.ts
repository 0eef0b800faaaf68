import {integer, longText, name, nullable} from './column-types.ts';
import type {TableDefinition} from './table-definition.ts';

/** Who did what. */
export const auditTables: readonly TableDefinition[] = [
	{
		name: 'audit_entries',
		columns: {
			// The time in hexadecimal digits, and a random rest: so the primary key is the order of time.
			id: {type: {text: 32}},
			at: integer,
			kind: {type: {text: 16}},
			actor: nullable(name),
			action: name,
			target: {type: {text: 1024}},
			repository: nullable(name),
			address: {type: {text: 64}},
			request_id: nullable({type: {text: 128}}),
			status: nullable(integer),
			count: integer,
			details: nullable(longText),
		},
		primaryKey: ['id'],
		indexes: {
			audit_entries_actor: ['actor', 'id'],
			audit_entries_action: ['action', 'id'],
			audit_entries_repository: ['repository', 'id'],
			audit_entries_kind: ['kind', 'id'],
		},
	},
];
