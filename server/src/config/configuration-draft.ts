import type {JsonSchema} from '@stowage/core';
import type {ConfigProblem} from './config-error.ts';
import type {ConfigPath, ConfigurationDocument} from './configuration-document.ts';
import {toSchemaProblem} from './schema-problem.ts';
import type {SchemaFault, SchemaValidator} from './schema-validator.ts';

/** A configuration on its way from what was written to what is checked, gathering every problem. */
export class ConfigurationDraft {
	/** Completed with defaults as parts of it are checked. */
	readonly value: Record<string, unknown>;
	readonly problems: ConfigProblem[] = [];
	readonly #document: ConfigurationDocument | undefined;
	readonly #validator: SchemaValidator;
	/** What did not come from the file, by its key at the top: where it came from. */
	readonly #sources = new Map<string, string>();

	constructor(document: ConfigurationDocument | undefined, validator: SchemaValidator) {
		this.#document = document;
		this.#validator = validator;
		this.problems.push(...(document?.problems ?? []));
		const written = document?.value ?? {};
		this.value = isMapping(written) ? written : {};
		if (!isMapping(written)) {
			this.add([], 'must be a mapping of settings');
		}
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
	 * value that it spells where one is wanted. True when all is well.
	 */
	check(path: ConfigPath, schema: JsonSchema): boolean {
		const value = this.#at(path);
		let faults = this.#validator.faults(schema, value);
		const spelled = faults.filter(fault => this.#takeAsSpelled(path, fault));
		if (spelled.length > 0) {
			faults = this.#validator.faults(schema, value);
		}
		for (const fault of faults) {
			if (this.#document?.isIncomplete([...path, ...fault.path]) === true) {
				continue;
			}
			const {path: below, message, part} = toSchemaProblem(schema, fault);
			this.add([...path, ...below], message, part);
		}
		return faults.length === 0;
	}

	/** What is at `path`, if it is there and a mapping. */
	mapping(path: ConfigPath): Record<string, unknown> | undefined {
		const value = this.#at(path);
		return isMapping(value) ? value : undefined;
	}

	#at(path: ConfigPath): unknown {
		let value: unknown = this.value;
		for (const step of path) {
			value = (value as Record<string | number, unknown> | null | undefined)?.[step];
		}
		return value;
	}

	#takeAsSpelled(top: ConfigPath, {keyword, params, path}: SchemaFault): boolean {
		const whole = [...top, ...path];
		const last = whole.at(-1);
		if (keyword !== 'type' || last === undefined || this.#document?.isExpanded(whole) !== true) {
			return false;
		}
		const spelled = asSpelled(this.#at(whole), String(params['type']));
		if (spelled === undefined) {
			return false;
		}
		(this.#at(whole.slice(0, -1)) as Record<string | number, unknown>)[last] = spelled;
		return true;
	}
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
