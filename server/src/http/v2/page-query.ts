import {type PageRequest, RegistryError, type RegistryErrorCode} from '@stowage/core';
import {type Address, locationOf} from '../addressing.ts';
import type {HttpContext} from '../http-context.ts';
import {findParameter} from './query.ts';

/** With names of 320 bytes a page stays below the 4 MiB that clients read. */
export const largestPage = 10_000;

const lastGrammar = /^[\x21-\x7e]{1,512}$/;

/**
 * `n` and `last` of a list. `limit` is at most {@link largestPage}, which is also what is meant without `n`. Throws
 * `PAGINATION_NUMBER_INVALID`, and `invalidLast` for what nothing in the list can be called.
 */
export function parsePageQuery(context: HttpContext, invalidLast: RegistryErrorCode): PageRequest {
	const n = findParameter(context, 'n');
	if (n !== undefined && !/^\d{1,30}$/.test(n)) {
		throw new RegistryError('PAGINATION_NUMBER_INVALID', 'n is not a number of results', {detail: {n: n.slice(0, 40)}});
	}
	const last = findParameter(context, 'last') || undefined;
	if (last !== undefined && !lastGrammar.test(last)) {
		throw new RegistryError(invalidLast, 'last is not a name', {status: 400});
	}
	return {limit: n === undefined ? largestPage : Math.min(Number(n), largestPage), after: last};
}

/** The `Link` to the page after `last`, of the registry that a client of a mirror means; nothing when there is none (RFC 8288). */
export function nextLink(
	address: Address,
	path: string,
	last: string | undefined,
	query: Readonly<Record<string, string | number>>,
): Record<string, string> {
	if (last === undefined) {
		return {};
	}
	const {namespace} = address;
	const whole = {...query, ...(namespace !== undefined && {ns: namespace}), last};
	const parts = Object.entries(whole).map(([name, value]) => `${name}=${encodeURIComponent(value)}`);
	return {Link: `<${locationOf(address, path)}?${parts.join('&')}>; rel="next"`};
}
