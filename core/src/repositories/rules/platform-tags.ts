import type {DerivedTag} from '../../metadata/write-rules.ts';
import type {StoredManifest} from '../../oci/manifest-record.ts';
import {listPlatforms} from '../../oci/platform.ts';
import {type TagName, findTagName} from '../../oci/tag-name.ts';

/**
 * `<tag>-<os>-<architecture>[-<variant>]` for each entry of an index that says what it runs on. A name that is no tag, as it
 * is too long, is left out; of several entries for one platform the first counts, as clients have it.
 */
export function platformTags(tag: TagName, manifest: StoredManifest): readonly DerivedTag[] {
	const derived = new Map<TagName, DerivedTag>();
	for (const {digest, platform} of listPlatforms(manifest)) {
		const {os, architecture, variant} = platform;
		const name = findTagName([tag, os, architecture, variant].filter(word => word !== undefined).join('-'));
		if (name !== undefined && !derived.has(name)) {
			derived.set(name, {tag: name, digest});
		}
	}
	return [...derived.values()];
}
