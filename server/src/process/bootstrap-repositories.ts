import {
	ConflictError,
	type DefinitionParts,
	type Json,
	type Logger,
	type MetadataStore,
	type NewRepositoryDefinition,
	checkDefinition,
	dependenciesOf,
} from '@stowage/core';
import {isInitialPassword} from '../auth/initial-password.ts';
import type {Configuration} from '../config/configuration.ts';

interface BootstrapParts extends DefinitionParts {
	readonly configuration: Pick<Configuration, 'bootstrap'>;
	readonly metadata: MetadataStore;
	readonly logger: Logger;
}

/**
 * Makes the repositories of the configuration whose keys do not exist, as long as the administrator's password is the
 * initial one; each after those that it is made of. Resolves to the keys of those that this made. Rejects with
 * `DefinitionError` when one cannot be made.
 */
export async function bootstrapRepositories(parts: BootstrapParts): Promise<readonly string[]> {
	const {configuration, metadata, logger} = parts;
	const wanted = Object.entries(configuration.bootstrap.repositories).map(([key, repository]) => ({
		...repository,
		key,
		options: repository.options as {readonly [name: string]: Json},
	}));
	if (wanted.length === 0 || !(await isInitialPassword(metadata))) {
		return [];
	}
	const made: string[] = [];
	for (const definition of inOrder(wanted, parts)) {
		const {key, type, storage} = definition;
		if (await insert(definition, parts)) {
			made.push(key);
			logger.info({repository: key, type, storage}, 'repository made');
		}
	}
	return made;
}

/** What others are made of comes before them. */
function inOrder(wanted: readonly NewRepositoryDefinition[], parts: DefinitionParts): NewRepositoryDefinition[] {
	const ordered: NewRepositoryDefinition[] = [];
	const seen = new Set<string>();
	const add = (definition: NewRepositoryDefinition | undefined) => {
		if (definition === undefined || seen.has(definition.key)) {
			return;
		}
		seen.add(definition.key);
		for (const key of dependenciesOf(definition, parts)) {
			add(wanted.find(other => other.key === key));
		}
		ordered.push(definition);
	};
	for (const definition of wanted) {
		add(definition);
	}
	return ordered;
}

/** False when there is one of this key, which another node may have made just now. */
async function insert(definition: NewRepositoryDefinition, parts: BootstrapParts): Promise<boolean> {
	const {definitions} = parts.metadata;
	const existing = await definitions.list();
	if (existing.some(({key}) => key === definition.key)) {
		return false;
	}
	checkDefinition(definition, existing, parts);
	warnOfMissing(definition, existing, parts);
	try {
		await definitions.insert(definition);
		return true;
	} catch (error) {
		if (error instanceof ConflictError) {
			return false;
		}
		throw error;
	}
}

function warnOfMissing(
	definition: NewRepositoryDefinition,
	existing: readonly {readonly key: string}[],
	parts: BootstrapParts,
): void {
	const missing = dependenciesOf(definition, parts).filter(key => !existing.some(other => other.key === key));
	if (missing.length > 0) {
		parts.logger.warn({repository: definition.key, missing}, 'a repository is made of some that do not exist');
	}
}
