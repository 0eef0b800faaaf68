/** A definition of which no repository can be made. The message says of which, and what is wrong with it. */
export class DefinitionError extends Error {
	override readonly name = 'DefinitionError';
	readonly code = 'DEFINITION_INVALID';

	constructor(key: string, problem: string, options?: ErrorOptions) {
		super(`repository "${key}": ${problem}`, options);
	}
}
