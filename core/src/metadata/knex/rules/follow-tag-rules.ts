import type {Digest} from '../../../oci/digest.ts';
import type {StoredManifest} from '../../../oci/manifest-record.ts';
import type {TagName} from '../../../oci/tag-name.ts';
import type {Removal} from '../../removal-records.ts';
import type {WriteRules} from '../../write-rules.ts';
import type {ImageKey} from '../manifest-rows.ts';
import {removeFromImage} from '../removal/remove-from-image.ts';
import type {Session} from '../session.ts';
import {deriveTags} from './derived-tags.ts';
import type {MovingTag} from './find-moving-tags.ts';
import {findSurplusTags} from './find-surplus-tags.ts';
import {forgetHistory, keepHistory} from './tag-history.ts';

export interface PointedTags extends ImageKey {
	readonly imageId: number;
	/** With what each names now. Of a manifest that is no index the bytes do not matter. */
	readonly tags: ReadonlyMap<TagName, StoredManifest>;
	/** Those of the tags that named something else before. Only asked for where rules or rights depend on it. */
	readonly moved: readonly MovingTag[];
	readonly rules: WriteRules | undefined;
	readonly by: string;
}

/** What has to happen once tags were pointed, in the same transaction. The image is locked. Resolves to what went. */
export async function followTagRules(session: Session, pointed: PointedTags): Promise<Removal> {
	const {repository, image, imageId, tags, rules, by} = pointed;
	if (tags.size === 0) {
		return {tags: [], manifests: []};
	}
	const derived = new Map([...tags].map(([tag, manifest]) => [tag, rules?.derive?.(tag, manifest) ?? []]));
	const removed = await deriveTags(session, {imageId, tags: derived, by});
	const surplus =
		rules === undefined ? [] : await findSurplusTags(session, {imageId, pushed: new Set(tags.keys()), rules});
	const overwritten = await followRetention(session, pointed);
	if (surplus.length === 0 && overwritten.length === 0) {
		return {tags: removed, manifests: []};
	}
	const removal = await removeFromImage(
		session,
		{repository, image},
		{tags: surplus.map(tag => ({tag})), unneeded: overwritten},
	);
	return {tags: [...removed, ...removal.tags], manifests: removal.manifests};
}

/** Resolves to what is not to be kept any more. Without the rule nothing goes by it, and nothing stays by it either. */
async function followRetention(
	session: Session,
	{imageId, tags, moved, rules}: PointedTags,
): Promise<readonly Digest[]> {
	const retention = rules?.tagRetention;
	if (retention === undefined) {
		await forgetHistory(session, imageId, [...tags.keys()]);
		return [];
	}
	const digests = new Map([...tags].map(([tag, manifest]) => [tag, manifest.digest]));
	return keepHistory(session, {imageId, tags: digests, moved, retention});
}
