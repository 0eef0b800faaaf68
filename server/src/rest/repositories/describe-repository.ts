import type {Json, JsonSchema, OptionsValidator, RepositoryDefinition, RepositoryType} from '@stowage/core';
import {fieldDefaults} from './field-defaults.ts';
import {secretFields} from './repository-fields.ts';

interface DescribeParts {
	readonly repositoryTypes: ReadonlyMap<string, RepositoryType>;
	readonly validator: OptionsValidator;
}

type Fields = Readonly<Record<string, Json>>;

/** Everything that is known of a repository, in Artifactory's words and with our own besides; no secret is in it. */
export function describeRepository(definition: RepositoryDefinition, parts: DescribeParts): Fields {
	const {key, type, storage, description, attributes = {}} = definition;
	const fields: Record<string, Json> = {
		key,
		rclass: type,
		description,
		...fieldDefaults(type),
		...attributes,
		...shownOptions(definition, parts),
		storage,
	};
	for (const secret of secretFields) {
		delete fields[secret];
	}
	// Clients may send them only where they mean something, and take what they read and have not sent for a difference.
	if (fields['externalDependenciesEnabled'] === false) {
		delete fields['externalDependenciesPatterns'];
	}
	return fields;
}

const publicFields = [
	'key',
	'rclass',
	'packageType',
	'description',
	'includesPattern',
	'excludesPattern',
	'repoLayoutRef',
	'dockerApiVersion',
];

/** What somebody sees who may use the repository and not change it; of its members those that he may read. */
export function describeForUser(fields: Fields, mayRead: (key: string) => boolean): Fields {
	const shown = Object.fromEntries(Object.entries(fields).filter(([name]) => publicFields.includes(name)));
	const {repositories, defaultDeploymentRepo} = fields;
	if (!Array.isArray(repositories)) {
		return shown;
	}
	const deployment = typeof defaultDeploymentRepo === 'string' && mayRead(defaultDeploymentRepo);
	return {
		...shown,
		repositories: repositories.filter(member => typeof member === 'string' && mayRead(member)),
		defaultDeploymentRepo: deployment ? defaultDeploymentRepo : '',
	};
}

function shownOptions(definition: RepositoryDefinition, {repositoryTypes, validator}: DescribeParts): Fields {
	const type = repositoryTypes.get(definition.type);
	if (type === undefined) {
		// Nobody knows which of them are secret.
		return {};
	}
	const {options = definition.options} = validator.check(type.options, definition.options);
	return withoutSecrets(options as Fields, type.options);
}

/** Without what the schema marks as `writeOnly`, at any depth. */
function withoutSecrets(options: Fields, schema: JsonSchema): Fields {
	const properties = (schema['properties'] ?? {}) as Readonly<Record<string, JsonSchema | undefined>>;
	const shown: Record<string, Json> = {};
	for (const [name, value] of Object.entries(options)) {
		const inner = properties[name] ?? {};
		if (inner['writeOnly'] !== true) {
			shown[name] = isFields(value) ? withoutSecrets(value, inner) : value;
		}
	}
	return shown;
}

function isFields(value: Json): value is Fields {
	return typeof value === 'object' && value !== null && !Array.isArray(value);
}
