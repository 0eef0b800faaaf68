import type {RepositoryDefinition} from '../metadata/repository-definitions.ts';
import {type DefinitionParts, checkOptions} from './definition-options.ts';

/** Hosts that are served, by the key of the repository that serves them; only of those that serve a host. */
export type Mirrors = ReadonlyMap<string, readonly string[]>;

/** In the order of the definitions. */
export function findMirrors(definitions: readonly RepositoryDefinition[], parts: DefinitionParts): Mirrors {
	const mirrors = new Map<string, readonly string[]>();
	for (const definition of definitions) {
		if (parts.types.get(definition.type)?.mirrors !== undefined) {
			mirrors.set(definition.key, hostsOf(definition, parts));
		}
	}
	return mirrors;
}

/** None when it could not be opened at all: then whoever asks it is told why. */
function hostsOf(definition: RepositoryDefinition, parts: DefinitionParts): readonly string[] {
	try {
		const {type, options} = checkOptions(definition, parts);
		return type.mirrors?.(options) ?? [];
	} catch {
		return [];
	}
}
