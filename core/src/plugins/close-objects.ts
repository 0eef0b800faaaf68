import type {JsonSchema} from '../types/json-schema.ts';

/** Keywords below which a value of its own is described, as opposed to another view of the same value. */
const listsOfSchemas = ['prefixItems'] as const;
const mapsOfSchemas = ['properties', 'patternProperties'] as const;
const schemas = ['items', 'additionalProperties'] as const;

/**
 * A copy of the schema, as plain JSON, in which every object that says nothing about other properties refuses them.
 * `unevaluatedProperties` and not `additionalProperties`, so that `allOf` and `oneOf` may add some.
 */
export function closeObjects(schema: JsonSchema): JsonSchema {
	return close(JSON.parse(JSON.stringify(schema)) as Record<string, unknown>);
}

function close(schema: Record<string, unknown>): Record<string, unknown> {
	for (const keyword of mapsOfSchemas) {
		const map = schema[keyword];
		if (isSchema(map)) {
			schema[keyword] = Object.fromEntries(Object.entries(map).map(([name, inner]) => [name, closeAny(inner)]));
		}
	}
	for (const keyword of listsOfSchemas) {
		const list = schema[keyword];
		if (Array.isArray(list)) {
			schema[keyword] = list.map(inner => closeAny(inner));
		}
	}
	for (const keyword of schemas) {
		if (keyword in schema) {
			schema[keyword] = closeAny(schema[keyword]);
		}
	}
	const open = 'additionalProperties' in schema || 'unevaluatedProperties' in schema;
	return schema['type'] === 'object' && !open ? {...schema, unevaluatedProperties: false} : schema;
}

function closeAny(schema: unknown): unknown {
	return isSchema(schema) ? close(schema) : schema;
}

function isSchema(value: unknown): value is Record<string, unknown> {
	return typeof value === 'object' && value !== null && !Array.isArray(value);
}
