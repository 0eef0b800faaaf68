import {Ajv2020} from 'ajv/dist/2020.js';
import type {JsonSchema} from '@stowage/core';
import type {ConfigPath} from './configuration-document.ts';

export interface SchemaFault {
	readonly path: ConfigPath;
	/** The schema keyword that the value does not satisfy. */
	readonly keyword: string;
	readonly params: Readonly<Record<string, unknown>>;
	/** JSON pointer of that keyword in the schema. */
	readonly schemaPath: string;
	readonly message: string;
}

export interface SchemaValidator {
	/** Completes `value` with defaults and tells everything that is wrong with it. */
	faults(schema: JsonSchema, value: unknown): readonly SchemaFault[];
}

export class AjvValidator implements SchemaValidator {
	readonly #ajv = new Ajv2020({allErrors: true, useDefaults: true, strict: false});

	faults(schema: JsonSchema, value: unknown): readonly SchemaFault[] {
		const validate = this.#ajv.compile(schema);
		if (validate(value)) {
			return [];
		}
		return (validate.errors ?? []).map(({instancePath, keyword, params, schemaPath, message}) => ({
			path: instancePath
				.split('/')
				.slice(1)
				.map(step => step.replaceAll('~1', '/').replaceAll('~0', '~')),
			keyword,
			params: params as Record<string, unknown>,
			schemaPath,
			message: message ?? keyword,
		}));
	}
}
