import {Ajv2020, type ErrorObject, type ValidateFunction} from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import type {JsonSchema} from '../types/json-schema.ts';
import {closeObjects} from './close-objects.ts';

export interface OptionsProblem {
	/** JSON pointer of what is wrong; empty for the options as a whole. */
	readonly path: string;
	readonly message: string;
}

export type CheckedOptions =
	| {readonly options: object; readonly problems?: undefined}
	| {readonly options?: undefined; readonly problems: readonly OptionsProblem[]};

/** Options that do not fit their schema. The message names every problem. */
export class OptionsError extends Error {
	override readonly name = 'OptionsError';
	readonly code = 'OPTIONS_INVALID';
	readonly problems: readonly OptionsProblem[];

	constructor(problems: readonly OptionsProblem[]) {
		super(problems.map(({path, message}) => (path === '' ? message : `${path}: ${message}`)).join('; '));
		this.problems = problems;
	}
}

/** Checks what operators write against the schemas that plugins bring. Compiles each schema once. */
export class OptionsValidator {
	readonly #ajv: Ajv2020;
	readonly #compiled = new WeakMap<JsonSchema, ValidateFunction>();

	constructor() {
		this.#ajv = new Ajv2020({allErrors: true, useDefaults: true, strictTypes: false, strictTuples: false});
		addFormats.default(this.#ajv);
	}

	/**
	 * Gives a frozen copy, completed with defaults, or everything that is wrong with it. What the schema does not name is
	 * refused, at any depth, unless it allows `additionalProperties`. Throws when the schema itself is wrong.
	 */
	check(schema: JsonSchema, options: object): CheckedOptions {
		const validate = this.#compile(schema);
		const copy = structuredClone(options);
		if (validate(copy)) {
			return {options: deepFreeze(copy)};
		}
		return {problems: (validate.errors ?? []).filter(error => !isConsequence(error)).map(error => toProblem(error))};
	}

	/** Like `check`, for options that were checked before. Throws `OptionsError` when they do not fit any more. */
	complete(schema: JsonSchema, options: object): object {
		const checked = this.check(schema, options);
		if (checked.problems !== undefined) {
			throw new OptionsError(checked.problems);
		}
		return checked.options;
	}

	#compile(schema: JsonSchema): ValidateFunction {
		const known = this.#compiled.get(schema);
		if (known !== undefined) {
			return known;
		}
		const compiled = this.#ajv.compile(closeObjects(schema));
		this.#compiled.set(schema, compiled);
		return compiled;
	}
}

/** What only says that one of the other problems is one. */
function isConsequence({keyword}: ErrorObject): boolean {
	return keyword === 'if';
}

function toProblem({instancePath, keyword, params, message = keyword}: ErrorObject): OptionsProblem {
	const details = params as Readonly<Record<string, unknown>>;
	const unknown = details['unevaluatedProperty'] ?? details['additionalProperty'];
	if (typeof unknown === 'string') {
		return {path: `${instancePath}/${escapePointer(unknown)}`, message: 'there is no such option'};
	}
	const missing = details['missingProperty'];
	if (typeof missing === 'string') {
		return {path: `${instancePath}/${escapePointer(missing)}`, message: 'is missing'};
	}
	const allowed = details['allowedValues'];
	return {
		path: instancePath,
		message: Array.isArray(allowed)
			? `must be one of ${allowed.map(value => JSON.stringify(value)).join(', ')}`
			: message,
	};
}

/** RFC 6901, section 3. */
function escapePointer(step: string): string {
	return step.replaceAll('~', '~0').replaceAll('/', '~1');
}

function deepFreeze<Value extends object>(value: Value): Value {
	for (const inner of Object.values(value)) {
		if (typeof inner === 'object' && inner !== null) {
			deepFreeze(inner as object);
		}
	}
	return Object.freeze(value);
}
