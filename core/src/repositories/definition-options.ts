import type {RepositoryDefinition} from '../metadata/repository-definitions.ts';
import type {JsonSchema} from '../types/json-schema.ts';
import {DefinitionError, type DefinitionProblem} from './definition-error.ts';
import type {RepositoryType} from './repository-type.ts';
import {checkRules} from './rules/create-rules.ts';

type Definition = Pick<RepositoryDefinition, 'key' | 'type' | 'options'>;

export interface DefinitionParts {
	/** By the word after `type:`. */
	readonly types: ReadonlyMap<string, RepositoryType>;
	/** Completes options with the defaults of `schema`; throws when they do not fit it. */
	readonly completeOptions: (schema: JsonSchema, options: object) => object;
}

/** The type that a definition names and its options, completed. Throws `DefinitionError` when they make no repository. */
export function checkOptions(
	{key, type: word, options: given}: Definition,
	{types, completeOptions}: DefinitionParts,
): {readonly type: RepositoryType; readonly options: object} {
	const type = types.get(word);
	if (type === undefined) {
		throw new DefinitionError(key, `no plugin offers the type "${word}"`);
	}
	const options = completeWith(() => completeOptions(type.options, given), key);
	const problems = [...(type.check?.(options) ?? []), ...checkRules(type.rules?.(options) ?? {})];
	if (problems.length > 0) {
		throw new DefinitionError(key, problems);
	}
	return {type, options};
}

/** Keys of the repositories that one of this definition is made of. None when it could not be made at all. */
export function dependenciesOf(definition: Definition, parts: DefinitionParts): readonly string[] {
	if (parts.types.get(definition.type)?.dependencies === undefined) {
		return [];
	}
	try {
		const {type, options} = checkOptions(definition, parts);
		return type.dependencies?.(options) ?? [];
	} catch {
		return [];
	}
}

function completeWith(complete: () => object, key: string): object {
	try {
		return complete();
	} catch (error) {
		const problem = error instanceof Error ? error.message : String(error);
		throw new DefinitionError(key, problemsOf(error) ?? problem, {cause: error});
	}
}

/** Those of an error that has them, as that of the options' validator does. */
function problemsOf(error: unknown): readonly DefinitionProblem[] | undefined {
	const {problems} = error as {readonly problems?: readonly DefinitionProblem[]};
	return Array.isArray(problems) ? problems : undefined;
}
