import type {JsonSchema} from '../types/json-schema.ts';

const begin = '<!-- options: made from the schema, see optionTable -->';
const end = '<!-- /options -->';

/**
 * A Markdown table of the options that a schema describes, one row an option, options of objects as `outer.inner`.
 * A driver's README has it between two marks, and a test of the driver asks `withOptionTable` whether it is current.
 */
export function optionTable(schema: JsonSchema): string {
	const rows = [['Option', 'Type', 'Default', 'Meaning'], ...rowsOf(schema, '')];
	const widths = [0, 1, 2, 3].map(column => Math.max(3, ...rows.map(row => row[column]?.length ?? 0)));
	const line = (cells: readonly string[]) =>
		`| ${widths.map((width, column) => (cells[column] ?? '').padEnd(width)).join(' | ')} |`;
	const [head = [], ...body] = rows;
	return [line(head), line(widths.map(width => '-'.repeat(width))), ...body.map(line)].join('\n');
}

/** The text with the table between its marks made anew. Throws when the marks are missing. */
export function withOptionTable(text: string, schema: JsonSchema): string {
	const [start, stop] = [text.indexOf(begin), text.indexOf(end)];
	if (start < 0 || stop < start) {
		throw new Error(`the text has no lines ${begin} and ${end}`);
	}
	return `${text.slice(0, start)}${begin}\n\n${optionTable(schema)}\n\n${text.slice(stop)}`;
}

function rowsOf(schema: JsonSchema, prefix: string): readonly string[][] {
	const required = Array.isArray(schema['required']) ? schema['required'] : [];
	return Object.entries(asObject(schema['properties'])).flatMap(([name, value]) => {
		const option = asObject(value);
		const path = `${prefix}${name}`;
		const inner = rowsOf(option, `${path}.`);
		return inner.length > 0 && !('description' in option)
			? inner
			: [rowOf(path, option, required.includes(name)), ...inner];
	});
}

function rowOf(path: string, option: JsonSchema, required: boolean): string[] {
	const fallback = 'default' in option ? code(JSON.stringify(option['default'])) : required ? 'required' : 'none';
	const secret = option['writeOnly'] === true ? ' Secret: shown nowhere.' : '';
	return [code(path), typeOf(option), fallback, `${escape(asText(option['description']))}${secret}`.trim()];
}

function typeOf(option: JsonSchema): string {
	const choices = option['enum'] ?? option['anyOf'] ?? option['oneOf'];
	if (Array.isArray(choices)) {
		return choices.map(choice => choiceOf(choice)).join(' or ');
	}
	if ('const' in option) {
		return code(JSON.stringify(option['const']));
	}
	const {type} = option;
	if (type === 'array') {
		return `list of ${typeOf(asObject(option['items']))}`;
	}
	return Array.isArray(type) ? type.join(' or ') : asText(type) || 'any';
}

function choiceOf(choice: unknown): string {
	return typeof choice === 'object' && choice !== null ? typeOf(choice as JsonSchema) : code(JSON.stringify(choice));
}

function code(text: string): string {
	return `\`${escape(text)}\``;
}

function escape(text: string): string {
	return text.replaceAll('|', '\\|').replaceAll('\n', ' ');
}

function asObject(value: unknown): JsonSchema {
	return typeof value === 'object' && value !== null ? (value as JsonSchema) : {};
}

function asText(value: unknown): string {
	return typeof value === 'string' ? value : '';
}
