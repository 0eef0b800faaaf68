import {restError} from '../rest-error.ts';
import {type Criteria, readCriteria} from './criteria.ts';

/** What a text in the query language of Artifactory asks for; of its domains there are items only. */
export interface AqlQuery {
	readonly criteria: Criteria;
	/** Names of fields; undefined for the usual ones. */
	readonly include?: readonly string[];
	readonly sort?: {readonly fields: readonly string[]; readonly descending: boolean};
	readonly offset: number;
	readonly limit: number;
}

interface Call {
	readonly name: string;
	readonly args: readonly unknown[];
}

/** Throws 400 with what is wrong. `items.find({...}).include(...).sort({...}).offset(n).limit(n)`. */
export function parseAql(text: string): AqlQuery {
	const rest = /^\s*items\s*(\.[^]*)$/.exec(text)?.[1];
	if (rest === undefined) {
		throw wrong('a query begins with items.find: there are no other domains');
	}
	const calls = new Map<string, readonly unknown[]>();
	for (const {name, args} of readCalls(rest)) {
		calls.set(name, args);
	}
	if (!calls.has('find')) {
		throw wrong('a query begins with items.find');
	}
	return {
		criteria: readCriteria({$and: calls.get('find') ?? []}),
		include: calls.get('include')?.map(readName),
		sort: calls.has('sort') ? readSort(calls.get('sort')?.[0]) : undefined,
		offset: readNumber(calls.get('offset')?.[0], 0),
		limit: readNumber(calls.get('limit')?.[0], Infinity),
	};
}

const known: ReadonlySet<string> = new Set(['find', 'include', 'sort', 'offset', 'limit', 'transitive', 'distinct']);

function* readCalls(text: string): Generator<Call, void> {
	for (let at = 0; at < text.length;) {
		const head = /^\s*\.\s*(\w+)\s*\(/.exec(text.slice(at));
		const name = head?.[1] ?? '';
		if (head === null || !known.has(name)) {
			if (text.slice(at).trim() === '') {
				return;
			}
			throw wrong(`"${text.slice(at, at + 20).trim()}" is not understood`);
		}
		const start = at + head[0].length;
		const end = findEnd(text, start);
		yield {name, args: readArguments(text.slice(start, end))};
		at = end + 1;
	}
}

/** Where the bracket is that ends what begins at `start`; brackets in texts do not count. */
function findEnd(text: string, start: number): number {
	let depth = 0;
	for (let index = start; index < text.length; index++) {
		const character = text[index];
		if (character === '"') {
			index = findQuote(text, index + 1);
		} else if (character === '(') {
			depth++;
		} else if (character === ')') {
			if (depth === 0) {
				return index;
			}
			depth--;
		}
	}
	throw wrong('a bracket is missing');
}

function findQuote(text: string, start: number): number {
	for (let index = start; index < text.length; index++) {
		if (text[index] === '\\') {
			index++;
		} else if (text[index] === '"') {
			return index;
		}
	}
	throw wrong('a quotation mark is missing');
}

function readArguments(text: string): readonly unknown[] {
	try {
		return JSON.parse(`[${text}]`) as readonly unknown[];
	} catch {
		throw wrong(`"${text.slice(0, 40)}" is not JSON`);
	}
}

function readName(value: unknown): string {
	if (typeof value !== 'string') {
		throw wrong('include takes names of fields');
	}
	return value;
}

function readSort(value: unknown): AqlQuery['sort'] {
	const [order, ...others] = Object.entries(value ?? {});
	const [direction, fields] = order ?? [];
	const names = Array.isArray(fields) ? fields.map(readName) : [];
	if (others.length > 0 || names.length === 0 || (direction !== '$asc' && direction !== '$desc')) {
		throw wrong('sort takes {"$asc": [...]} or {"$desc": [...]}');
	}
	return {fields: names, descending: direction === '$desc'};
}

function readNumber(value: unknown, usual: number): number {
	if (value === undefined) {
		return usual;
	}
	if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0) {
		throw wrong('offset and limit take whole numbers');
	}
	return value;
}

function wrong(message: string) {
	return restError(400, `the query cannot be read: ${message}`);
}
