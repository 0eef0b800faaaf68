import type {Digest} from '../../../oci/digest.ts';
import type {StoredManifest} from '../../../oci/manifest-record.ts';
import {findManifestKind} from '../../../oci/media-types.ts';
import type {TagName} from '../../../oci/tag-name.ts';
import type {Removal} from '../../removal-records.ts';
import {type PointedTags, followTagRules} from '../rules/follow-tag-rules.ts';
import {chunks} from '../chunks.ts';
import type {ImageGraph} from '../image-graph.ts';
import type {Session} from '../session.ts';
import {pointPromotedTags} from './copy-manifests.ts';

interface TagRequest extends Omit<PointedTags, 'tags'> {
	readonly graph: ImageGraph;
	readonly tags: ReadonlyMap<TagName, Digest>;
	/** The target's manifests. */
	readonly ids: ReadonlyMap<Digest, number>;
}

/** Points the tags of the target as its rules want it. Resolves to what went from it. */
export async function tagTarget(session: Session, {graph, tags, ids, ...pointed}: TagRequest): Promise<Removal> {
	const {imageId, by, rules} = pointed;
	await pointPromotedTags(session, tags, {imageId, by, ids});
	const indexes = [...new Set(tags.values())].filter(digest => isIndex(graph, digest));
	const bytes = rules?.derive === undefined ? new Map<Digest, Buffer>() : await readBytes(session, indexes, ids);
	const manifests = [...tags].map(([tag, digest]): [TagName, StoredManifest] => [
		tag,
		{
			digest,
			mediaType: bytes.has(digest) ? (graph.get(digest)?.mediaType ?? '') : '',
			bytes: bytes.get(digest) ?? none,
		},
	]);
	return followTagRules(session, {...pointed, tags: new Map(manifests)});
}

const none = Buffer.alloc(0);

function isIndex(graph: ImageGraph, digest: Digest): boolean {
	return findManifestKind(graph.get(digest)?.mediaType ?? '') === 'index';
}

async function readBytes(
	session: Session,
	digests: readonly Digest[],
	ids: ReadonlyMap<Digest, number>,
): Promise<ReadonlyMap<Digest, Buffer>> {
	const found = new Map<Digest, Buffer>();
	for (const part of chunks(digests.flatMap(digest => ids.get(digest) ?? []))) {
		const rows = await session.run<readonly {digest: Digest; bytes: Uint8Array}[]>('manifests', manifests =>
			manifests.select('digest', 'bytes').whereIn('id', part),
		);
		for (const {digest, bytes} of rows) {
			found.set(digest, Buffer.from(bytes));
		}
	}
	return found;
}
