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

/** One keyword of a schema that a value does not satisfy. */
export interface SchemaFault {
	/** JSON pointer of the value; empty for the whole. */
	readonly path: string;
	readonly keyword: string;
	/** What Ajv says of this keyword. */
	readonly params: Readonly<Record<string, unknown>>;
	/** JSON pointer of the keyword in the schema, after `#`. */
	readonly schemaPath: string;
	readonly message: string;
}

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
		this.#ajv = new Ajv2020({
			allErrors: true,
			useDefaults: true,
			strictTypes: false,
			strictTuples: false,
			// Compiling a schema refuses one that is wrong. Checking each against the schema of schemas, and making fast
			// what runs once, would be a tenth of a start.
			meta: false,
			validateSchema: false,
			code: {optimize: false},
		});
		addFormats.default(this.#ajv);
	}

	/**
	 * Gives a frozen copy, completed with defaults, or everything that is wrong with it. What the schema does not name is
	 * refused, at any depth, unless it allows `additionalProperties`. Throws when the schema itself is wrong.
	 */
	check(schema: JsonSchema, options: object): CheckedOptions {
		const {completed, faults} = this.examine(schema, options);
		return faults.length === 0 ? {options: deepFreeze(completed)} : {problems: faults.map(fault => toProblem(fault))};
	}

	/** Like `check`, for who words problems himself: a copy, completed and not frozen, and every fault of it. */
	examine<Options extends object>(
		schema: JsonSchema,
		options: Options,
	): {readonly completed: Options; readonly faults: readonly SchemaFault[]} {
		const validate = this.#compile(schema);
		const completed = structuredClone(options);
		const errors = validate(completed) ? [] : (validate.errors ?? []);
		return {completed, faults: errors.filter(error => !isConsequence(error)).map(error => toFault(error))};
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

function toFault({instancePath, keyword, params, schemaPath, message = keyword}: ErrorObject): SchemaFault {
	return {path: instancePath, keyword, params: params as SchemaFault['params'], schemaPath, message};
}

function toProblem({path, params: details, message}: SchemaFault): OptionsProblem {
	const unknown = details['unevaluatedProperty'] ?? details['additionalProperty'];
	if (typeof unknown === 'string') {
		return {path: `${path}/${escapePointer(unknown)}`, message: 'there is no such option'};
	}
	const missing = details['missingProperty'];
	if (typeof missing === 'string') {
		return {path: `${path}/${escapePointer(missing)}`, message: 'is missing'};
	}
	const allowed = details['allowedValues'];
	return {
		path,
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
