import type {RepositoryDefinition} from '../metadata/repository-definitions.ts';
import {type DefinitionParts, checkOptions} from './definition-options.ts';
import type {RuleOptions} from './rules/repository-rules.ts';

/** What knows the other names of a repository's images; undefined where each has one, and where it cannot be opened. */
export function findOtherNames(
	definition: RepositoryDefinition,
	parts: DefinitionParts,
): RuleOptions['otherNameOf'] | undefined {
	if (parts.types.get(definition.type)?.rules === undefined) {
		return undefined;
	}
	try {
		const {type, options} = checkOptions(definition, parts);
		return type.rules?.(options).otherNameOf;
	} catch {
		return undefined;
	}
}
