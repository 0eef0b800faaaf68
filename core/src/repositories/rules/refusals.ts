import {ImmutableTagsError} from '../../metadata/immutable-tags-error.ts';
import type {ImageName} from '../../oci/image-name.ts';
import {RegistryError} from '../../oci/registry-error.ts';
import type {TagName} from '../../oci/tag-name.ts';
import {type RepositoryRules, serves} from './repository-rules.ts';

/**
 * Throws `DENIED` unless the repository gives and takes this image, or without one any: it is blacked out, or its patterns
 * leave the image out.
 */
export function demandServed(
	repository: {readonly key: string; readonly rules?: RepositoryRules},
	image?: ImageName,
): void {
	if (serves(repository, image)) {
		return;
	}
	const {key, rules} = repository;
	const message = rules?.blackedOut
		? `the repository "${key}" is blacked out: it neither gives nor takes anything`
		: `the repository "${key}" does not have "${image}": its include and exclude patterns leave it out`;
	throw new RegistryError('DENIED', message, {detail: {repository: key, name: image}});
}

/** Throws `ImmutableTagsError` when one of `tags` is immutable: for who deletes tags and may not override that. */
export function demandMutable(rules: RepositoryRules | undefined, tags: Iterable<TagName>): void {
	const immutable = [...tags].flatMap(tag => {
		const pattern = rules?.writes.immutableBy?.(tag);
		return pattern === undefined ? [] : [{tag, pattern}];
	});
	if (immutable.length > 0) {
		throw new ImmutableTagsError(immutable);
	}
}
