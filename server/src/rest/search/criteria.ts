import {restError} from '../rest-error.ts';

/** One comparison of a field, or several of them together. */
export type Criteria =
	| {readonly kind: 'and' | 'or'; readonly parts: readonly Criteria[]}
	| {readonly kind: 'test'; readonly field: string; readonly operator: Operator; readonly value: string};

const operators = ['$eq', '$ne', '$match', '$nmatch', '$gt', '$gte', '$lt', '$lte'] as const;

export type Operator = (typeof operators)[number];

/** Fields of an item that can be compared; properties are `@<name>`. */
export const itemFields: ReadonlySet<string> = new Set([
	'repo',
	'path',
	'name',
	'type',
	'size',
	'depth',
	'created',
	'created_by',
	'modified',
	'modified_by',
	'updated',
	'sha256',
	'actual_sha1',
	'actual_md5',
	'original_sha1',
	'original_md5',
]);

/** Other things that JFrog's clients ask for; there are none of them here. */
const foreignField = /^(?:artifact|dependency|module|build|archive|stat|release)(?:\.|$)/;

/** What a span of time before now is written in, in milliseconds. */
const units: Readonly<Record<string, number>> = {
	ms: 1,
	s: 1000,
	minutes: 60_000,
	d: 86_400_000,
	w: 7 * 86_400_000,
	mo: 30 * 86_400_000,
	y: 365 * 86_400_000,
};

/** Each is made with every item that is looked at. */
export const mostComparisons = 500;

/** Lists and objects around them. */
const mostObjects = 1000;

/** Longer than any path; a pattern takes time in proportion to its length. Characters. */
const longestValue = 1024;

interface Budget {
	comparisons: number;
	objects: number;
}

/** Throws 400 with what is wrong. */
export function readCriteria(value: unknown): Criteria {
	return read(value, {comparisons: mostComparisons, objects: mostObjects});
}

function read(value: unknown, budget: Budget): Criteria {
	if (typeof value !== 'object' || value === null || Array.isArray(value)) {
		throw wrong('criteria are objects');
	}
	if (budget.objects-- <= 0) {
		throw wrong(`there are more than ${mostObjects} criteria`);
	}
	return {kind: 'and', parts: Object.entries(value).map(([name, part]) => readMember(name, part, budget))};
}

function readMember(name: string, value: unknown, budget: Budget): Criteria {
	if (name === '$and' || name === '$or') {
		if (!Array.isArray(value)) {
			throw wrong(`${name} takes a list`);
		}
		return {kind: name === '$and' ? 'and' : 'or', parts: value.map(part => read(part, budget))};
	}
	const field = name === 'property.key' ? '@*' : name;
	if (!itemFields.has(field) && !field.startsWith('@') && !foreignField.test(field)) {
		throw wrong(`there is no field "${name.slice(0, 40)}"`);
	}
	if (typeof value !== 'object' || value === null) {
		return test({field, name: '$eq', value}, budget);
	}
	const tests = Object.entries(value);
	return {kind: 'and', parts: tests.map(([operator, wanted]) => test({field, name: operator, value: wanted}, budget))};
}

function test(
	{field, name, value}: {readonly field: string; readonly name: string; readonly value: unknown},
	budget: Budget,
): Criteria {
	if (budget.comparisons-- <= 0) {
		throw wrong(`there are more than ${mostComparisons} comparisons`);
	}
	if (name === '$before' || name === '$last') {
		return {kind: 'test', field, operator: name === '$before' ? '$lt' : '$gt', value: readSpan(value)};
	}
	const operator = operators.find(one => one === name);
	if (operator === undefined) {
		throw wrong(`there is no operator "${name.slice(0, 40)}"`);
	}
	if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean') {
		throw wrong(`"${field}" is compared with a text or a number`);
	}
	const text = String(value);
	if (text.length > longestValue) {
		throw wrong(`a value has ${longestValue} characters at most`);
	}
	return {kind: 'test', field, operator, value: text};
}

/** When that was: `7d`, `2mo`. */
function readSpan(value: unknown): string {
	const [, digits = '', unit = ''] = /^(\d{1,9})([a-z]+)$/.exec(String(value)) ?? [];
	const length = units[unit];
	const time = length === undefined ? undefined : new Date(Date.now() - Number(digits) * length);
	if (time === undefined || Number.isNaN(time.getTime())) {
		throw wrong(`"${String(value).slice(0, 20)}" is no span of time, such as "7d"`);
	}
	return time.toISOString();
}

/** Whether any comparison is of such a field. */
export function compares(criteria: Criteria, isMeant: (field: string) => boolean): boolean {
	return criteria.kind === 'test' ? isMeant(criteria.field) : criteria.parts.some(part => compares(part, isMeant));
}

function wrong(message: string) {
	return restError(400, `the query cannot be read: ${message}`);
}
