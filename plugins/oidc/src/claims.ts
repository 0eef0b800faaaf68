import {matchesWildcard} from '@stowage/core';
import type {JWTPayload} from 'jose';
import type {IdentityMapping} from './options.ts';

const mostValues = 1000;
const longestValue = 4096;

/** Texts that a claim holds: itself, or its entries. Numbers and truth values count as what they are written as. */
export function textsOf(payload: JWTPayload, name: string): readonly string[] {
	const value = Object.hasOwn(payload, name) ? payload[name] : undefined;
	const values: readonly unknown[] = Array.isArray(value) ? value.slice(0, mostValues) : [value];
	return values.flatMap(one => {
		const simple = typeof one === 'string' || typeof one === 'number' || typeof one === 'boolean';
		return simple && String(one).length <= longestValue ? [String(one)] : [];
	});
}

/** Whether all that the mapping wants is true of a token. */
export function fits(payload: JWTPayload, {claims}: Pick<IdentityMapping, 'claims'>): boolean {
	const wanted = Object.entries(claims);
	return (
		wanted.length > 0 &&
		wanted.every(([name, patterns]) => {
			const texts = textsOf(payload, name);
			return [patterns]
				.flat()
				.some(pattern => texts.some(text => matchesWildcard(pattern, text, {questionMark: false})));
		})
	);
}
