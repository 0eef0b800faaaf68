export interface DefinitionProblem {
	/** JSON pointer into the definition's options, or to a part of the definition itself such as `/storage`; empty for the whole. */
	readonly path: string;
	readonly message: string;
}

/** A definition of which no repository can be made. The message says of which, and what is wrong with it. */
export class DefinitionError extends Error {
	override readonly name = 'DefinitionError';
	readonly code = 'DEFINITION_INVALID';
	readonly key: string;
	readonly problems: readonly DefinitionProblem[];

	constructor(key: string, problem: string | readonly DefinitionProblem[], options?: ErrorOptions) {
		const problems = typeof problem === 'string' ? [{path: '', message: problem}] : problem;
		const words = problems.map(({path, message}) => (path === '' ? message : `${path}: ${message}`));
		super(`repository "${key}": ${words.join('; ')}`, options);
		this.key = key;
		this.problems = problems;
	}
}
