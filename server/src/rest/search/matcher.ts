import {matchesWildcard} from '@stowage/core';
import type {Criteria, Operator} from './criteria.ts';
import type {FoundItem} from './found-item.ts';

/** Whether the criteria are met; as long as properties or checksums are not known, whether they might be. */
export function createMatcher(criteria: Criteria): (item: FoundItem) => boolean {
	if (criteria.kind === 'test') {
		return createTest(criteria);
	}
	const parts = criteria.parts.map(createMatcher);
	return criteria.kind === 'and' ? item => parts.every(part => part(item)) : item => parts.some(part => part(item));
}

function createTest({field, operator, value}: Criteria & {kind: 'test'}): (item: FoundItem) => boolean {
	const compare = comparisons[operator](value);
	const negative = operator === '$ne' || operator === '$nmatch';
	if (field.startsWith('@')) {
		const name = field.slice(1);
		return ({properties}) => {
			if (properties === undefined) {
				return true;
			}
			const values = name === '*' ? [...properties.keys()] : (properties.get(name) ?? []);
			// What is refused must be in none of them, what is wanted in one.
			return negative ? values.every(compare) : values.some(compare);
		};
	}
	if (field === 'type') {
		return value === 'any' && operator === '$eq' ? () => true : ({fields}) => compare(String(fields['type']));
	}
	if (field === 'actual_sha1' || field === 'actual_md5' || field === 'original_sha1' || field === 'original_md5') {
		return ({fields, complete}) => !complete || compare(String(fields[field] ?? ''));
	}
	return ({fields}) => {
		const is = fields[field];
		return is === undefined ? negative : compare(String(is));
	};
}

const comparisons: Readonly<Record<Operator, (value: string) => (text: string) => boolean>> = {
	$eq: value => text => text === value,
	$ne: value => text => text !== value,
	$match: value => text => matchesWildcard(value, text),
	$nmatch: value => text => !matchesWildcard(value, text),
	$gt: value => text => order(text, value) > 0,
	$gte: value => text => order(text, value) >= 0,
	$lt: value => text => order(text, value) < 0,
	$lte: value => text => order(text, value) <= 0,
};

/** Numbers as such, times as such, all else as texts. */
function order(one: string, other: string): number {
	const asNumber = /^\d+$/.test(one) && /^\d+$/.test(other);
	const [first, second] = asNumber ? [Number(one), Number(other)] : [Date.parse(one), Date.parse(other)];
	if (Number.isNaN(first) || Number.isNaN(second)) {
		return one < other ? -1 : Number(one > other);
	}
	return first - second;
}
