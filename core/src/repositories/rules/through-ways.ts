import type {ImageName} from '../../oci/image-name.ts';
import type {Repository} from '../repository.ts';
import type {Way} from './find-ways.ts';
import {serves} from './repository-rules.ts';
import {withRules} from './with-rules.ts';

/** Whether one of the ways to a repository, which knows the image by another name as well, leaves it in all along. */
export function letsThrough(ways: readonly Way[], image: ImageName, otherName?: ImageName): boolean {
	return ways.some(way => way.every(one => serves(one, image, otherName)));
}

/** A repository as it is to who comes to it by these ways only: without what it, or each of them, leaves out. */
export function throughWays(repository: Repository, ways: readonly Way[]): Repository {
	if (ways.some(way => way.length === 0)) {
		return repository;
	}
	const {rules} = repository;
	return withRules(repository, {
		blackedOut: false,
		writes: {},
		...rules,
		takes: image => serves({rules}, image) && letsThrough(ways, image, rules?.otherNameOf?.(image)),
	});
}
