import type {AqlQuery} from './aql-query.ts';
import type {FoundItem} from './found-item.ts';

const usualFields = [
	'repo',
	'path',
	'name',
	'type',
	'size',
	'created',
	'created_by',
	'modified',
	'modified_by',
	'updated',
] as const;
const allFields = [...usualFields, 'depth', 'actual_md5', 'actual_sha1', 'original_md5', 'original_sha1', 'sha256'];

/** What of each item is told. */
export interface AqlFields {
	readonly fields: readonly string[];
	/** `all`, or only the `keys`. */
	readonly properties?: 'all' | 'keys';
	/** Of these names alone. */
	readonly names?: ReadonlySet<string>;
}

/** Without fields of items the usual ones are told; what there is none of here is passed over. */
export function aqlFieldsOf({include = []}: AqlQuery): AqlFields {
	const named = include.flatMap(name => (name === '*' ? allFields : allFields.includes(name) ? [name] : []));
	const names = include.flatMap(name => (name.startsWith('@') ? [name.slice(1)] : []));
	const keysOnly = include.includes('property.key') && !include.includes('property.value');
	const whole = names.length > 0 || include.some(name => /^property(?:\.(?:\*|value))?$/.test(name));
	return {
		fields: named.length > 0 ? [...new Set(named)] : usualFields,
		...(whole || keysOnly ? {properties: whole ? ('all' as const) : ('keys' as const)} : {}),
		...(names.length > 0 && !include.some(name => name.startsWith('property')) ? {names: new Set(names)} : {}),
	};
}

export function aqlRow({fields, properties = new Map()}: FoundItem, wanted: AqlFields): Record<string, unknown> {
	const row = Object.fromEntries(
		wanted.fields.flatMap(name => (fields[name] === undefined ? [] : [[name, fields[name]]])),
	);
	if (wanted.properties === undefined) {
		return row;
	}
	const told = [...properties].filter(([key]) => wanted.names?.has(key) !== false);
	const list =
		wanted.properties === 'keys'
			? told.map(([key]) => ({key}))
			: told.flatMap(([key, values]) => values.map((value: string) => ({key, value})));
	return list.length === 0 ? row : {...row, properties: list};
}
