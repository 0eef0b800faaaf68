import {type Digest, findDigest} from '@stowage/core';
import type {Criteria} from './criteria.ts';

/** Where something that meets the criteria can be. */
export interface SearchScope {
	/** Key of a repository; undefined for all. */
	readonly repository?: string;
	/** What the paths of items begin with. */
	readonly prefix: string;
	/** Of a manifest or a blob of the image. */
	readonly digest?: Digest;
}

const everywhere: readonly SearchScope[] = [{prefix: ''}];

/** With more places than this, one search through all of it is as well. */
const mostScopes = 500;

/** Places outside of which nothing meets the criteria. None of them is inside of another one. */
export function findScopes(criteria: Criteria): readonly SearchScope[] {
	const scopes = [...new Map(scopesOf(criteria).map(scope => [JSON.stringify(scope), scope])).values()];
	return scopes.filter(scope => !scopes.some(other => other !== scope && covers(other, scope)));
}

function scopesOf(criteria: Criteria): readonly SearchScope[] {
	if (criteria.kind === 'test') {
		return scopesOfTest(criteria);
	}
	if (criteria.kind === 'or') {
		const scopes = criteria.parts.flatMap(scopesOf);
		return scopes.length > mostScopes ? everywhere : scopes;
	}
	return criteria.parts.reduce<readonly SearchScope[]>((scopes, part) => {
		const inner = scopesOf(part);
		return scopes.length * inner.length > mostScopes ? scopes : intersect(scopes, inner);
	}, everywhere);
}

function scopesOfTest({field, operator, value}: Criteria & {kind: 'test'}): readonly SearchScope[] {
	if (field === 'repo' && operator === '$eq') {
		return [{repository: value, prefix: ''}];
	}
	if (field === 'path' && (operator === '$eq' || operator === '$match') && value !== '.') {
		const wild = operator === '$eq' ? -1 : value.search(/[*?]/);
		return [{prefix: wild < 0 ? `${value}/` : value.slice(0, wild)}];
	}
	const digest = operator === '$eq' ? digestOf(field, value) : undefined;
	return digest === undefined ? everywhere : [{prefix: '', digest}];
}

function digestOf(field: string, value: string): Digest | undefined {
	if (field === '@docker.manifest.digest') {
		return findDigest(value);
	}
	return field === 'sha256' || field === '@sha256' ? findDigest(`sha256:${value}`) : undefined;
}

function intersect(some: readonly SearchScope[], others: readonly SearchScope[]): readonly SearchScope[] {
	return some.flatMap(one => others.flatMap(other => intersectTwo(one, other) ?? []));
}

function intersectTwo(one: SearchScope, other: SearchScope): SearchScope | undefined {
	if (one.repository !== undefined && other.repository !== undefined && one.repository !== other.repository) {
		return undefined;
	}
	if (one.digest !== undefined && other.digest !== undefined && one.digest !== other.digest) {
		return undefined;
	}
	const [short, long] = one.prefix.length < other.prefix.length ? [one, other] : [other, one];
	const repository = one.repository ?? other.repository;
	const digest = one.digest ?? other.digest;
	return long.prefix.startsWith(short.prefix) ? {repository, prefix: long.prefix, digest} : undefined;
}

function covers(one: SearchScope, other: SearchScope): boolean {
	return (
		(one.repository === undefined || one.repository === other.repository) &&
		(one.digest === undefined || one.digest === other.digest) &&
		other.prefix.startsWith(one.prefix)
	);
}
