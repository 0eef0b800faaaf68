import {type Json, type JsonSchema, maskSecrets, maskedSecret} from '@stowage/core';

/** A longer body is told by the names of its fields. */
const longestBody = 4096;

const secretName =
	/pass(?:word|phrase)|secret|token(?!_?id)|credential|authorization|cookie|connection.?string|(?:api|account|access|private).?key$/i;

/** What the audit log says of a body: without what its schema marks as secret, what is called so, and users in addresses. */
export function auditedBody(schema: JsonSchema, body: unknown): Json | undefined {
	if (typeof body !== 'object' || body === null) {
		return undefined;
	}
	// Masks are shorter than most secrets, but what is far too long would be masked for nothing.
	const shown =
		JSON.stringify(body).length > 4 * longestBody ? undefined : maskNamed(maskSecrets(schema, body) as Json);
	if (shown !== undefined && JSON.stringify(shown).length <= longestBody) {
		return shown;
	}
	return Array.isArray(body) ? {entries: body.length} : {fields: Object.keys(body).slice(0, 100).map(shorten)};
}

function maskNamed(value: Json): Json {
	if (typeof value === 'string') {
		return value.replaceAll(/(:\/\/)[^/?#\s]*@/g, `$1${maskedSecret}@`);
	}
	if (Array.isArray(value)) {
		return value.map(maskNamed);
	}
	if (typeof value !== 'object' || value === null) {
		return value;
	}
	return Object.fromEntries(
		Object.entries(value).map(([name, inner]) => [name, isSecret(name, inner) ? maskedSecret : maskNamed(inner)]),
	);
}

/** Whether there is a password is no secret, nor is a number of seconds. */
function isSecret(name: string, value: Json): boolean {
	return secretName.test(name) && value !== null && typeof value !== 'boolean';
}

function shorten(name: string): string {
	return name.slice(0, 100);
}
