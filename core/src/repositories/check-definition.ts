import type {RepositoryDefinition} from '../metadata/repository-definitions.ts';
import {DefinitionError} from './definition-error.ts';
import {type DefinitionParts, checkOptions, dependenciesOf} from './definition-options.ts';
import {findDependencyCircle} from './dependency-circle.ts';

type Definition = Pick<RepositoryDefinition, 'key' | 'type' | 'options'>;

/**
 * To be called with the definitions that exist before one is saved. Throws `DefinitionError` when its type is unknown,
 * its options are wrong, or it would be made of itself.
 */
export function checkDefinition(definition: Definition, existing: readonly Definition[], parts: DefinitionParts): void {
	checkOptions(definition, parts);
	const others = new Map(existing.map(other => [other.key, other]));
	const circle = findDependencyCircle(definition.key, dependenciesOf(definition, parts), key => {
		const other = others.get(key);
		return other === undefined ? [] : dependenciesOf(other, parts);
	});
	if (circle !== undefined) {
		throw new DefinitionError(definition.key, `would be made of itself: ${circle.join(' -> ')}`);
	}
}
