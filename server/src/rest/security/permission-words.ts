import type {Action, Grants} from '@stowage/core';
import {accountError} from '../../auth/accounts/account-error.ts';

const letters: ReadonlyMap<string, Action> = new Map<string, Action>([
	['r', 'read'],
	['n', 'annotate'],
	['w', 'write'],
	['d', 'delete'],
	['m', 'manage'],
]);

/** Actions of Artifactory's that nothing here asks for. */
const ignored = new Set(['managedXrayMeta', 'distribute', 'mxm']);

/** In the words of the first (letters) or the second API. Throws 400 for a word that is none. */
export function readGrants(principals: Readonly<Record<string, readonly string[]>> | undefined): Grants {
	const entries = Object.entries(principals ?? {}).map(([name, words]) => [name, readActions(words)] as const);
	return Object.fromEntries(entries);
}

/** In letters, as the first API has them. */
export function toLetters(grants: Grants): Readonly<Record<string, readonly string[]>> {
	const entries = Object.entries(grants).map(
		([name, granted]) =>
			[name, [...letters].flatMap(([letter, action]) => (granted.includes(action) ? [letter] : []))] as const,
	);
	return Object.fromEntries(entries);
}

function readActions(words: readonly string[]): readonly Action[] {
	const wanted = new Set(words.filter(word => !ignored.has(word)));
	const known = [...letters].filter(([letter, action]) => wanted.delete(letter) || wanted.delete(action));
	if (wanted.size > 0) {
		const [word = ''] = wanted;
		throw accountError(`"${word.slice(0, 40)}" is not an action`);
	}
	return known.map(([, action]) => action);
}
