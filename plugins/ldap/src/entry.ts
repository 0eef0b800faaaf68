import type {Entry} from 'ldapts';

/** Values of an attribute, whose name counts in any case, in an order of their own: a directory has none. */
export function textsOf(entry: Entry, attribute: string): readonly string[] {
	return valuesOf(entry, attribute)
		.map(value => value.toString())
		.filter(text => text !== '')
		.toSorted();
}

/** What stays the same when the entry is renamed; the DN where it has no such attribute. Bytes that are no text are told in hexadecimal digits. */
export function externalIdOf(entry: Entry, attribute: string): string {
	const [value] = valuesOf(entry, attribute);
	if (value === undefined || value.length === 0) {
		return entry.dn;
	}
	const text = value.toString();
	return /^[\x20-\x7e]+$/.test(text) ? text : Buffer.from(value as Buffer).toString('hex');
}

function valuesOf(entry: Entry, attribute: string): readonly (Buffer | string)[] {
	const wanted = attribute.toLowerCase();
	const key = Object.keys(entry).find(name => name.toLowerCase() === wanted && name !== 'dn');
	const value = key === undefined ? [] : (entry[key] ?? []);
	return Array.isArray(value) ? value : [value];
}
