/** What became of a text with `${NAME}` in it. */
export interface ExpandedText {
	readonly text: string;
	/** Names without a value and without a default. */
	readonly missing: readonly string[];
	/** Whether anything was put in. */
	readonly changed: boolean;
}

const reference = /\$(\$?)\{([^}]*)\}/g;
const content = /^([A-Za-z_][A-Za-z0-9_]*)(?::-(.*))?$/s;

/**
 * Puts environment variables in: `${NAME}` must be set, `${NAME:-default}` takes the default when it is unset or empty,
 * `$${NAME}` is a literal `${NAME}`. What was put in is not looked at again.
 */
export function expandEnvironment(text: string, environment: NodeJS.ProcessEnv): ExpandedText {
	const missing: string[] = [];
	let changed = false;
	const expanded = text.replace(reference, (whole: string, escape: string, inner: string) => {
		changed = true;
		if (escape !== '') {
			return whole.slice(1);
		}
		const [, name, fallback] = content.exec(inner) ?? [];
		if (name === undefined) {
			missing.push(inner);
			return '';
		}
		const value = environment[name];
		if (fallback !== undefined) {
			return value === undefined || value === '' ? fallback : value;
		}
		if (value === undefined) {
			missing.push(name);
		}
		return value ?? '';
	});
	return {text: expanded, missing, changed};
}
