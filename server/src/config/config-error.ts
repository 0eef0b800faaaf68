/** One thing that is wrong with the configuration, told so that it can be mended: where it is and what would be right. */
export interface ConfigProblem {
	/** The file, a command line option or an environment variable. */
	readonly source: string;
	/** From 1. Absent when the problem is in no line: something is missing altogether, or it came from the environment. */
	readonly line?: number;
	readonly column?: number;
	/** Never holds a value that may be secret. */
	readonly message: string;
}

/** The server cannot start with this configuration. Holds every problem that could be found; its message names them all. */
export class ConfigError extends Error {
	readonly code = 'CONFIG_INVALID';
	readonly problems: readonly ConfigProblem[];

	constructor(problems: readonly ConfigProblem[], options?: ErrorOptions) {
		const sorted = problems.toSorted((a, b) => (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0));
		super(sorted.map(toLine).join('\n'), options);
		this.name = 'ConfigError';
		this.problems = sorted;
	}
}

function toLine({source, line, column, message}: ConfigProblem): string {
	return line === undefined ? `${source}: ${message}` : `${source}:${line}:${column ?? 1}: ${message}`;
}
