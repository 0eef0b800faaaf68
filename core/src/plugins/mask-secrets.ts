import type {JsonSchema} from '../types/json-schema.ts';

/** What is shown instead of a secret. */
export const maskedSecret = '***';

/** A copy of `options` fit to be shown: what the schema marks with `writeOnly: true` is masked, set or not by a default. */
export function maskSecrets(schema: JsonSchema, options: unknown): unknown {
	return mask(options, [schema], schema);
}

type Schema = Readonly<Record<string, unknown>>;

/** `schemas` all describe `value`. */
function mask(value: unknown, schemas: readonly Schema[], root: Schema): unknown {
	const views = schemas.flatMap(schema => viewsOf(schema, root, new Set()));
	if (views.some(view => view['writeOnly'] === true)) {
		return maskedSecret;
	}
	if (Array.isArray(value)) {
		return value.map((inner, index) =>
			mask(
				inner,
				views.flatMap(view => itemSchemas(view, index)),
				root,
			),
		);
	}
	if (!isSchema(value)) {
		return value;
	}
	return Object.fromEntries(
		Object.entries(value).map(([name, inner]) => [
			name,
			mask(
				inner,
				views.flatMap(view => propertySchemas(view, name)),
				root,
			),
		]),
	);
}

/** The schema and all others that it applies, perhaps, to the same value. */
function viewsOf(schema: Schema, root: Schema, seen: Set<Schema>): readonly Schema[] {
	if (seen.has(schema)) {
		return [];
	}
	seen.add(schema);
	const others = ['allOf', 'anyOf', 'oneOf'].flatMap(keyword => listOf(schema[keyword]));
	const conditional = ['if', 'then', 'else'].map(keyword => schema[keyword]);
	const referred = typeof schema['$ref'] === 'string' ? resolvePointer(root, schema['$ref']) : undefined;
	const all = [...others, ...conditional, referred].filter(other => isSchema(other));
	return [schema, ...all.flatMap(other => viewsOf(other, root, seen))];
}

function propertySchemas(schema: Schema, name: string): readonly Schema[] {
	const {properties, patternProperties, additionalProperties} = schema;
	const named = isSchema(properties) && Object.hasOwn(properties, name) ? [properties[name]] : [];
	const patterns = isSchema(patternProperties)
		? Object.entries(patternProperties).filter(([pattern]) => new RegExp(pattern, 'u').test(name))
		: [];
	const found = [...named, ...patterns.map(([, inner]) => inner)];
	return (found.length > 0 ? found : [additionalProperties]).filter(inner => isSchema(inner));
}

function itemSchemas({prefixItems, items}: Schema, index: number): readonly Schema[] {
	return [listOf(prefixItems)[index] ?? items].filter(inner => isSchema(inner));
}

/** Only references within the schema, which is all that a plugin can use. */
function resolvePointer(root: Schema, reference: string): unknown {
	const steps = reference.startsWith('#/') ? reference.slice(2).split('/') : [];
	let found: unknown = root;
	for (const step of steps) {
		found = isSchema(found) ? found[step.replaceAll('~1', '/').replaceAll('~0', '~')] : undefined;
	}
	return found;
}

function listOf(value: unknown): readonly unknown[] {
	return Array.isArray(value) ? value : [];
}

function isSchema(value: unknown): value is Schema {
	return typeof value === 'object' && value !== null && !Array.isArray(value);
}
