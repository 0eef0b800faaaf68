import type {JsonSchema, OptionsProblem, OptionsValidator} from '@stowage/core';
import type {TSchema} from 'typebox';
import {restError} from '../rest-error.ts';

/** What of a request is checked, as its errors call it. */
export type RequestPlace = 'path parameter' | 'query parameter' | 'field';

const noSuchOption = 'there is no such option';

/** The value, completed with defaults and frozen. Throws 400 with every problem, each with the name of what it is in. */
export function checkRequest(
	validator: OptionsValidator,
	schema: TSchema,
	{value, place}: {readonly value: unknown; readonly place: RequestPlace},
): unknown {
	// Wrapped, since the validator checks objects, and a body may be a list or a text.
	const checked = validator.check(wrapped(schema), {value});
	if (checked.problems !== undefined) {
		throw restError(400, checked.problems.map(problem => describe(problem, place)).join('; '));
	}
	return (checked.options as {readonly value: unknown}).value;
}

const wrappers = new WeakMap<TSchema, JsonSchema>();

/** Always the same for a schema, so that it is compiled once. */
function wrapped(schema: TSchema): JsonSchema {
	const known = wrappers.get(schema);
	if (known !== undefined) {
		return known;
	}
	const wrapper = {type: 'object', properties: {value: schema}, required: ['value']};
	wrappers.set(schema, wrapper);
	return wrapper;
}

function describe({path, message}: OptionsProblem, place: RequestPlace): string {
	const name = nameOf(path);
	const words = message === noSuchOption ? `there is no such ${place}` : message;
	return name === '' ? `the body ${words}` : `${place} "${name}": ${words}`;
}

/** From the JSON pointer `/value/a/0/b` to `a[0].b`. */
function nameOf(pointer: string): string {
	const steps = pointer
		.split('/')
		.slice(2)
		.map(step => step.replaceAll('~1', '/').replaceAll('~0', '~'));
	return steps
		.map((step, index) => (/^\d+$/.test(step) && index > 0 ? `[${step}]` : `.${step}`))
		.join('')
		.slice(1);
}
