import type {Properties} from '@stowage/core';
import {restError} from '../rest-error.ts';

/**
 * `a=1,2;b=3`, also with `|` instead of `;`. A backslash makes the next character one like any other. Throws 400 for a
 * part without a name.
 */
export function readProperties(text: string): Properties {
	const properties = new Map<string, string[]>();
	for (const part of split(text, ';|')) {
		if (part === '') {
			continue;
		}
		const [name = '', ...values] = split(part, '=', 2);
		const key = unescape(name).trim();
		if (key === '') {
			throw restError(400, `a property has no name: ${part.slice(0, 40)}`);
		}
		properties.set(key, [...new Set([...(properties.get(key) ?? []), ...readValues(values[0] ?? '')])]);
	}
	return properties;
}

/** Values with commas between, each once; a backslash as above. */
export function readValues(text: string): readonly string[] {
	return [...new Set(split(text, ',').map(unescape))];
}

/** Names with commas between; a backslash as above. */
export function readNames(text: string): readonly string[] {
	return split(text, ',')
		.map(part => unescape(part).trim())
		.filter(name => name !== '');
}

/** At characters without a backslash in front; the parts keep their backslashes. No more than `limit` parts. */
function split(text: string, separators: string, limit = Infinity): readonly string[] {
	const parts: string[] = [];
	let start = 0;
	for (let index = 0; index < text.length && parts.length + 1 < limit; index++) {
		if (text[index] === '\\') {
			index++;
		} else if (separators.includes(text[index] as string)) {
			parts.push(text.slice(start, index));
			start = index + 1;
		}
	}
	return [...parts, text.slice(start)];
}

function unescape(text: string): string {
	return text.replaceAll(/\\(.)/gs, '$1');
}
