import type {TObject} from 'typebox';

/**
 * The parameters that the schema names, made of their texts; what cannot be made stays a text, for the check to refuse.
 * An empty value means that there is none, unless a text is asked for; other parameters are left out.
 */
export function readQuery({properties}: TObject, query: URLSearchParams): Record<string, unknown> {
	const values: Record<string, unknown> = {};
	for (const [name, schema] of Object.entries(properties)) {
		const texts = query.getAll(name);
		const {type} = schema as {readonly type?: string};
		if (type === 'array' && texts.length > 0) {
			values[name] = texts;
		} else if (texts[0] !== undefined) {
			const value = toValue(texts[0], type);
			if (value !== undefined) {
				values[name] = value;
			}
		}
	}
	return values;
}

function toValue(text: string, type: string | undefined): unknown {
	switch (type) {
		case 'boolean':
			return booleans.get(text.toLowerCase()) ?? text;
		case 'integer':
		case 'number':
			return text === '' ? undefined : /^-?\d{1,15}(?:\.\d{1,15})?$/.test(text) ? Number(text) : text;
		default:
			return text;
	}
}

/** A parameter without a value, such as `?list`, is there. */
const booleans: ReadonlyMap<string, boolean> = new Map([
	['', true],
	['true', true],
	['1', true],
	['false', false],
	['0', false],
]);
