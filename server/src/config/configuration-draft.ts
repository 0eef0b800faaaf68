import type {JsonSchema, OptionsValidator, SchemaFault} from '@stowage/core';
import type {ConfigProblem} from './config-error.ts';
import type {ConfigPath, ConfigurationDocument} from './configuration-document.ts';
import {toSteps} from './json-pointer.ts';
import {toSchemaProblem} from './schema-problem.ts';

/** A configuration on its way from what was written to what is checked, gathering every problem. */
export class ConfigurationDraft {
	readonly problems: ConfigProblem[] = [];
	#value: Record<string, unknown>;
	readonly #document: ConfigurationDocument | undefined;
	readonly #validator: OptionsValidator;
	/** What did not come from the file, by its key at the top: where it came from. */
	readonly #sources = new Map<string, string>();
	/** Where something does not satisfy its schema. */
	readonly #faults: ConfigPath[] = [];

	constructor(document: ConfigurationDocument | undefined, validator: OptionsValidator) {
		this.#document = document;
		this.#validator = validator;
		this.problems.push(...(document?.problems ?? []));
		const written = document?.value ?? {};
		this.#value = isMapping(written) ? written : {};
		if (!isMapping(written)) {
			this.add([], 'must be a mapping of settings');
		}
	}

	/** Completed with defaults as parts of it are checked. */
	get value(): Record<string, unknown> {
		return this.#value;
	}

	/** Takes `value` instead of what the file says; `source` (`--listen`) is what problems name. */
	override(key: string, value: string, source: string): void {
		this.value[key] = value;
		this.#sources.set(key, source);
	}

	add(path: ConfigPath, message: string, part: 'key' | 'value' = 'value'): void {
		const source = this.#sources.get(String(path[0]));
		const told = path.length === 0 || source !== undefined ? message : `${path.join('.')}: ${message}`;
		if (source !== undefined) {
			this.problems.push({source, message: told});
		} else {
			this.problems.push(this.#document?.problemAt(path, told, part) ?? {source: 'configuration', message: told});
		}
	}

	/**
	 * Checks what is at `path`, and completes it with defaults. Text from the environment counts as the number or truth
	 * value that it spells where one is wanted.
	 */
	check(path: ConfigPath, schema: JsonSchema): void {
		const first = this.#examine(path, schema);
		const spelled = first.filter(fault => this.#takeAsSpelled(path, fault));
		const faults = spelled.length > 0 ? this.#examine(path, schema) : first;
		for (const fault of faults) {
			const {path: below, message, part} = toSchemaProblem(schema, fault);
			this.#faults.push([...path, ...below]);
			if (this.#document?.isIncomplete([...path, ...toSteps(fault.path)]) !== true) {
				this.add([...path, ...below], message, part);
			}
		}
	}

	/** What is at `path`, as long as it, with all in it and around it, has satisfied the schemas that it was checked against. */
	fitting(path: ConfigPath): unknown {
		const wrong = this.#faults.some(fault => fault.every((step, index) => isSame(step, path[index] ?? step)));
		const lacking = !this.#sources.has(String(path[0])) && this.#document?.isLacking(path) === true;
		return wrong || lacking ? undefined : this.#at(path);
	}

	/** What is at `path`, if it is there and a mapping. */
	mapping(path: ConfigPath): Record<string, unknown> | undefined {
		const value = this.#at(path);
		return isMapping(value) ? value : undefined;
	}

	/** Keys of the mapping, or indexes of the list, at `path`; none when it is neither. */
	keys(path: ConfigPath): readonly (string | number)[] {
		const value = this.#at(path);
		return Array.isArray(value) ? [...value.keys()] : Object.keys(isMapping(value) ? value : {});
	}

	#examine(path: ConfigPath, schema: JsonSchema): readonly SchemaFault[] {
		const {completed, faults} = this.#validator.examine(schema, this.#at(path) as object);
		if (path.length === 0) {
			this.#value = completed as Record<string, unknown>;
		} else {
			this.#set(path, completed);
		}
		return faults;
	}

	#set(path: ConfigPath, value: unknown): void {
		(this.#at(path.slice(0, -1)) as Record<string | number, unknown>)[path.at(-1) ?? ''] = value;
	}

	#at(path: ConfigPath): unknown {
		let value: unknown = this.value;
		for (const step of path) {
			value = (value as Record<string | number, unknown> | null | undefined)?.[step];
		}
		return value;
	}

	#takeAsSpelled(top: ConfigPath, {keyword, params, path}: SchemaFault): boolean {
		const whole = [...top, ...toSteps(path)];
		if (keyword !== 'type' || whole.length === 0 || this.#document?.isExpanded(whole) !== true) {
			return false;
		}
		const spelled = asSpelled(this.#at(whole), String(params['type']));
		if (spelled === undefined) {
			return false;
		}
		this.#set(whole, spelled);
		return true;
	}
}

/** Indexes of lists may be written either way. */
function isSame(step: string | number, other: string | number): boolean {
	return String(step) === String(other);
}

export function isMapping(value: unknown): value is Record<string, unknown> {
	return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function asSpelled(value: unknown, type: string): number | boolean | undefined {
	if (typeof value !== 'string') {
		return undefined;
	}
	if (type === 'boolean') {
		return value === 'true' ? true : value === 'false' ? false : undefined;
	}
	const numeric = type === 'integer' || type === 'number';
	return numeric && /^-?\d+(\.\d+)?$/.test(value) ? Number(value) : undefined;
}
