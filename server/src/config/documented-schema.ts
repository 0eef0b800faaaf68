import type {JsonSchema} from '@stowage/core';
import {configurationSchema, databaseSchemas} from './configuration-schema.ts';

type Schema = Readonly<Record<string, unknown>>;

/** The schema of our part of the configuration in a form that a table can show: names instead of patterns, entries instead of lists. */
export function documentedSchema(): JsonSchema {
	const {properties} = configurationSchema as {readonly properties: Readonly<Record<string, Schema>>};
	const {sqlite, mysql} = databaseSchemas;
	const database = {
		type: 'object',
		required: ['host', 'user', 'database'],
		properties: {
			...(properties['database']?.['properties'] as object),
			...ofOne(sqlite, 'sqlite'),
			...ofOne(mysql, 'mysql'),
		},
	};
	// Nothing at the top has to be written.
	return shown({...configurationSchema, required: [], properties: {...properties, database}});
}

/** Settings of one database, each saying so. */
function ofOne({properties}: JsonSchema, client: string): Record<string, Schema> {
	return Object.fromEntries(
		Object.entries(properties as Readonly<Record<string, Schema>>)
			.filter(([key]) => key !== 'client')
			.map(([key, value]) => [key, {...value, description: `With \`${client}\`: ${String(value['description'])}`}]),
	);
}

function shown(schema: Schema): Schema {
	const {properties = {}, patternProperties = {}, items} = schema as Readonly<Record<string, Record<string, Schema>>>;
	const patterns = Object.values(patternProperties).map(value => ['<name>', value] as const);
	const entries = items === undefined || !('properties' in items) ? [] : [['[]', items] as const];
	const all = [...Object.entries(properties), ...patterns, ...entries];
	if (all.length === 0) {
		return schema;
	}
	// An entry itself needs no row: what stands in it has.
	const inner = all.map(([key, value]) => [key, shown(key === '<name>' || key === '[]' ? bare(value) : value)]);
	return {...schema, properties: Object.fromEntries(inner) as object};
}

function bare(schema: Schema): Schema {
	return Object.fromEntries(Object.entries(schema).filter(([key]) => key !== 'description'));
}
