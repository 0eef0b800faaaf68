import {RegistryError} from '../oci/registry-error.ts';
import type {ImmutableTag} from './write-rules.ts';

/** Somebody wanted to move or delete tags that the operator's patterns make immutable. Nothing has been changed. */
export class ImmutableTagsError extends RegistryError {
	readonly tags: readonly ImmutableTag[];

	constructor(tags: readonly ImmutableTag[]) {
		const names = tags.map(({tag, pattern}) => `"${tag}" (by the pattern "${pattern}")`).join(', ');
		super('DENIED', `immutable tags can neither be moved nor deleted: ${names}`, {detail: {tags}});
		this.tags = tags;
	}
}
