import {
	type Document,
	isAlias,
	isMap,
	isScalar,
	isSeq,
	LineCounter,
	type Node,
	type Pair,
	parseDocument,
	type Scalar,
	visit,
} from 'yaml';
import {ConfigError, type ConfigProblem} from './config-error.ts';
import {expandEnvironment} from './expand-environment.ts';

/** Keys and indexes from the top of a document to a value in it. */
export type ConfigPath = readonly (string | number)[];

/** A YAML file with its environment variables put in, that still knows in which line everything stands. */
export class ConfigurationDocument {
	readonly file: string;
	/** Variables without a value. */
	readonly problems: readonly ConfigProblem[];
	/** What the file says, as plain data. */
	readonly value: unknown;
	readonly #document: Document;
	readonly #lines: LineCounter;
	readonly #expanded = new Set<Node>();
	readonly #incomplete = new Set<Node>();

	private constructor(file: string, text: string, environment: NodeJS.ProcessEnv) {
		this.file = file;
		this.#lines = new LineCounter();
		this.#document = parseDocument(text, {lineCounter: this.#lines, prettyErrors: false});
		const broken = this.#brokenLines(text);
		if (broken.length > 0) {
			throw new ConfigError(broken);
		}
		const missing = this.#expand(environment);
		this.#dropUnwritten();
		this.value = this.#read();
		this.problems = missing;
	}

	/** `file` is the name that problems show. Throws `ConfigError` when it is not YAML. */
	static parse(file: string, text: string, environment: NodeJS.ProcessEnv): ConfigurationDocument {
		return new ConfigurationDocument(file, text, environment);
	}

	/** A problem with the value at `path`, or with its key. What is not there is blamed on the nearest thing around it. */
	problemAt(path: ConfigPath, message: string, part: 'key' | 'value' = 'value'): ConfigProblem {
		return this.#problem(this.#offsetOf(path, part), message);
	}

	/** Whether the value at `path` came from the environment, so that a number in it could only be written as text. */
	isExpanded(path: ConfigPath): boolean {
		const node = this.#nodeAt(path);
		return node !== undefined && this.#expanded.has(node);
	}

	/** Whether the value at `path` lacks an environment variable, which is a problem of its own already. */
	isIncomplete(path: ConfigPath): boolean {
		const node = this.#nodeAt(path);
		return node !== undefined && this.#incomplete.has(node);
	}

	/** Whether anything in the value at `path` lacks an environment variable. */
	isLacking(path: ConfigPath): boolean {
		let lacking = false;
		visit(this.#nodeAt(path) ?? null, {
			Scalar: (_key, node) => {
				lacking ||= this.#incomplete.has(node);
			},
		});
		return lacking;
	}

	#problem(offset: number | undefined, message: string): ConfigProblem {
		if (offset === undefined) {
			return {source: this.file, message};
		}
		const {line, col} = this.#lines.linePos(offset);
		return {source: this.file, line: Math.max(line, 1), column: Math.max(col, 1), message};
	}

	/** The first error of each line: what follows in it comes from that one. */
	#brokenLines(text: string): ConfigProblem[] {
		const lines = new Map<number | undefined, ConfigProblem>();
		for (const {message, pos} of [...this.#document.errors, ...this.#document.warnings]) {
			const problem = this.#problem(pos[0], message);
			const written = text.split('\n')[(problem.line ?? 1) - 1] ?? '';
			const advice = /[{[,:]\s*[^"']*\$\{/.test(written) ? '; within { } and [ ] "${NAME}" needs quotes' : '';
			if (!lines.has(problem.line)) {
				lines.set(problem.line, {...problem, message: `${message}${advice}`});
			}
		}
		return [...lines.values()];
	}

	#expand(environment: NodeJS.ProcessEnv): ConfigProblem[] {
		const problems: ConfigProblem[] = [];
		visit(this.#document, {
			Scalar: (key, node) => {
				if (key === 'key' || typeof node.value !== 'string') {
					return;
				}
				const {text, missing, changed} = expandEnvironment(node.value, environment);
				if (!changed) {
					return;
				}
				node.value = text;
				this.#expanded.add(node);
				if (missing.length > 0) {
					this.#incomplete.add(node);
				}
				for (const name of missing) {
					problems.push(this.#problem(node.range?.[0], missingMessage(name)));
				}
			},
		});
		return problems;
	}

	/** A key with nothing after it (all its lines commented out, say) counts as not written. `null` and `~` stay. */
	#dropUnwritten(): void {
		visit(this.#document, {
			Pair: (_key, pair) => {
				const {value} = pair as Pair<Node, Scalar | Node | null>;
				const unwritten = value === null || (isScalar(value) && value.value === null && value.source === '');
				return unwritten ? visit.REMOVE : undefined;
			},
		});
	}

	#read(): unknown {
		try {
			return (this.#document.toJS({maxAliasCount: 100}) as unknown) ?? {};
		} catch (error) {
			// Aliases of aliases without end ("billion laughs") are refused by the parser here.
			throw new ConfigError([{source: this.file, message: (error as Error).message}], {cause: error});
		}
	}

	#nodeAt(path: ConfigPath): Node | undefined {
		let node = this.#resolve(this.#document.contents);
		for (const step of path) {
			node = this.#resolve(pairOrItem(node, step)?.value);
		}
		return node;
	}

	#offsetOf(path: ConfigPath, part: 'key' | 'value'): number | undefined {
		let node = this.#resolve(this.#document.contents);
		let offset = node?.range?.[0];
		for (const [index, step] of path.entries()) {
			const found = pairOrItem(node, step);
			if (found === undefined) {
				return offset;
			}
			const wanted = part === 'key' && index === path.length - 1 ? found.key : (found.value ?? found.key);
			node = this.#resolve(found.value);
			// A mapping is shown by its key: its own first line is that of its first entry.
			offset = (isMap(node) || isSeq(node) ? found.key : wanted)?.range?.[0] ?? offset;
		}
		return offset;
	}

	#resolve(node: unknown): Node | undefined {
		if (isAlias(node)) {
			return node.resolve(this.#document);
		}
		return isMap(node) || isSeq(node) || isScalar(node) ? node : undefined;
	}
}

function missingMessage(name: string): string {
	return /^[A-Za-z_][A-Za-z0-9_]*$/.test(name)
		? `environment variable ${name} is not set; write \${${name}:-...} to give a default`
		: '"${...}" takes a name of letters, digits and "_", and a default as in ${NAME:-default}; write $${ for a literal ${';
}

function pairOrItem(node: Node | undefined, step: string | number): {key?: Node; value?: Node} | undefined {
	if (isSeq(node)) {
		const item = node.items[Number(step)] as Node | undefined;
		return item === undefined ? undefined : {key: item, value: item};
	}
	if (!isMap(node)) {
		return undefined;
	}
	const pair = node.items.find(({key}) => isScalar(key) && String(key.value) === String(step));
	return pair === undefined ? undefined : {key: pair.key as Node, value: (pair.value ?? undefined) as Node | undefined};
}
