import type {JsonSchema, SchemaFault} from '@stowage/core';
import type {ConfigPath} from './configuration-document.ts';
import {toSteps} from './json-pointer.ts';
import {didYouMean} from './nearest-word.ts';

interface SchemaProblem {
	readonly path: ConfigPath;
	readonly message: string;
	/** What of it is wrong: the key or the value. */
	readonly part: 'key' | 'value';
}

/** Says what a value must be, in an operator's words and without the value, which may be secret. */
export function toSchemaProblem(schema: JsonSchema, fault: SchemaFault): SchemaProblem {
	const {keyword, params} = fault;
	const path = toSteps(fault.path);
	switch (keyword) {
		case 'additionalProperties':
			return unknownKey(schema, fault, String(params['additionalProperty']));
		case 'unevaluatedProperties':
			return unknownKey(schema, fault, String(params['unevaluatedProperty']));
		case 'required':
			return {path: [...path, String(params['missingProperty'])], message: 'is missing', part: 'value'};
		case 'type':
			return {path, message: `must be ${typeWords[String(params['type'])] ?? String(params['type'])}`, part: 'value'};
		case 'enum':
			return {path, message: `must be ${oneOf(params['allowedValues'] as readonly unknown[])}`, part: 'value'};
		case 'const':
			return {path, message: `must be ${JSON.stringify(params['allowedValue'])}`, part: 'value'};
		default:
			return {path, message: otherwise(schema, fault), part: 'value'};
	}
}

const typeWords: Readonly<Record<string, string>> = {
	string: 'text',
	integer: 'a whole number',
	number: 'a number',
	boolean: 'true or false',
	object: 'a mapping',
	array: 'a list',
};

function unknownKey(schema: JsonSchema, {path, schemaPath}: SchemaFault, key: string): SchemaProblem {
	const around = schemaAt(schema, schemaPath);
	const words = Object.keys((around['properties'] as object | undefined) ?? {});
	const message = words.length === 0 ? 'is not a valid name' : `unknown key${didYouMean(key, words)}`;
	return {path: [...toSteps(path), key], message, part: 'key'};
}

function oneOf(values: readonly unknown[]): string {
	return `one of ${values.map(value => JSON.stringify(value)).join(', ')}`;
}

function otherwise(schema: JsonSchema, {keyword, schemaPath, message}: SchemaFault): string {
	const {description} = schemaAt(schema, schemaPath);
	if (keyword === 'pattern' && typeof description === 'string') {
		return `has not the right form: ${description}`;
	}
	return message;
}

/** The schema that holds the failed keyword. `schemaPath` is a JSON pointer that ends with it. */
function schemaAt(schema: JsonSchema, schemaPath: string): JsonSchema {
	const steps = schemaPath
		.replace(/^[^#]*#\//, '')
		.split('/')
		.slice(0, -1);
	let found: unknown = schema;
	for (const step of steps) {
		const key = decodeURIComponent(step).replaceAll('~1', '/').replaceAll('~0', '~');
		found = (found as Record<string, unknown> | undefined)?.[key];
	}
	return (found ?? {}) as JsonSchema;
}
