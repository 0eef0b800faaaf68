/** One step of the schema. Doing it again after it was done, or half done, changes nothing more. */
export interface Migration {
	/** Never changes once released: the database remembers it. */
	readonly name: string;
	/** Statements without result, for the database at hand. */
	readonly statements: readonly string[];
}
