import type {JsonSchema, Plugin} from '@stowage/core';
import {configurationSchema, databaseSchemas} from './configuration-schema.ts';

interface Offer {
	readonly type: string;
	readonly options: JsonSchema;
}

type Schema = Record<string, unknown>;

/** The JSON Schema of a whole configuration file, with the parts of `plugins`. Secrets have `writeOnly: true`. */
export function fullSchema(plugins: readonly Plugin[]): JsonSchema {
	const schema = whatMustBeWritten(configurationSchema) as Schema;
	const own = plugins.map(({name, options = {type: 'object', additionalProperties: false}}) => ({type: name, options}));
	change(schema, ['properties', 'plugins', 'items'], item => ({
		anyOf: [{type: 'string'}, withChoice(item, 'name', own)],
	}));
	const drivers = plugins.flatMap(({storageDrivers = []}) => storageDrivers);
	change(schema, ['properties', 'storages', 'patternProperties'], item => ofEvery(item, 'driver', drivers));
	const types = plugins.flatMap(({repositoryTypes = []}) => repositoryTypes);
	const repositories = ['properties', 'bootstrap', 'properties', 'repositories', 'patternProperties'];
	change(schema, repositories, item => ofEvery(item, 'type', types));
	const authenticators = plugins.flatMap(plugin => plugin.authenticators ?? []);
	change(schema, ['properties', 'authenticators', 'items'], item => withChoice(item, 'type', authenticators));
	change(schema, ['properties', 'database'], database => ({
		...database,
		anyOf: [{...databaseSchemas.sqlite, required: []}, whatMustBeWritten(databaseSchemas.mysql)],
	}));
	return {$schema: 'https://json-schema.org/draft/2020-12/schema', ...schema};
}

/** A copy in which nothing is required that has a default. */
function whatMustBeWritten(schema: unknown): unknown {
	if (typeof schema !== 'object' || schema === null) {
		return schema;
	}
	if (Array.isArray(schema)) {
		return schema.map(item => whatMustBeWritten(item));
	}
	const copy: Schema = Object.fromEntries(
		Object.entries(schema).map(([key, value]) => [key, whatMustBeWritten(value)]),
	);
	const {required, properties} = copy as {required?: unknown; properties?: Readonly<Record<string, Schema>>};
	if (Array.isArray(required)) {
		copy['required'] = required.filter((key: string) => !isCompleted(key, properties?.[key]));
	}
	return copy;
}

function isCompleted(key: string, schema: Schema | undefined): boolean {
	// These two are completed by code: they depend on where the data is.
	return schema === undefined || 'default' in schema || key === 'storages' || key === 'bootstrap';
}

function change(schema: Schema, path: readonly string[], make: (old: Schema) => Schema): void {
	const holder = path.slice(0, -1).reduce<Schema>((inner, step) => inner[step] as Schema, schema);
	const last = path.at(-1) ?? '';
	holder[last] = make(holder[last] as Schema);
}

function ofEvery(patterns: Schema, word: string, offers: readonly Offer[]): Schema {
	return Object.fromEntries(
		Object.entries(patterns).map(([pattern, item]) => [pattern, withChoice(item as Schema, word, offers)]),
	);
}

/** `item` whose `options` are those of what its `word` names. */
function withChoice(item: Schema, word: string, offers: readonly Offer[]): Schema {
	const anyOf = offers.map(({type, options}) => ({
		properties: {[word]: {const: type}, options: whatMustBeWritten(options)},
	}));
	return anyOf.length === 0 ? item : {...item, anyOf};
}
