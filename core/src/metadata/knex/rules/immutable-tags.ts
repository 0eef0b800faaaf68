import type {TagName} from '../../../oci/tag-name.ts';
import {ImmutableTagsError} from '../../immutable-tags-error.ts';
import type {WriteRules} from '../../write-rules.ts';

/** Throws `ImmutableTagsError` when one of these tags, that are there and would move or go, is immutable. */
export function demandMutable(rules: WriteRules | undefined, tags: Iterable<TagName>): void {
	if (rules?.immutableBy === undefined) {
		return;
	}
	const immutable = [...tags].flatMap(tag => {
		const pattern = rules.immutableBy?.(tag);
		return pattern === undefined ? [] : [{tag, pattern}];
	});
	if (immutable.length > 0) {
		throw new ImmutableTagsError(immutable);
	}
}
