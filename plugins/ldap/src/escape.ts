/** A value as it stands in a filter (RFC 4515, section 3): whatever it holds, it is a value and nothing else. */
export function escapeFilter(value: string): string {
	return value.replace(/[\\*()\0]/g, character => `\\${character.charCodeAt(0).toString(16).padStart(2, '0')}`);
}

/** A value as it stands in a DN (RFC 4514, section 2.4). */
export function escapeDn(value: string): string {
	return value
		.replace(/[\\,+"<>;=]/g, character => `\\${character}`)
		.replaceAll('\0', '\\00')
		.replace(/^[ #]| $/g, end => `\\${end}`);
}

/** A template in which each `{word}` is its value, put in all at once so that no value can hold another word. */
export function fillTemplate(template: string, values: Readonly<Record<string, string>>): string {
	return template.replace(/\{(\w+)\}/g, (whole, word: string) => values[word] ?? whole);
}
