import type {MetadataStore} from '../../metadata/metadata-store.ts';
import type {ImagePlace} from '../../metadata/promotion-records.ts';
import type {Digest} from '../../oci/digest.ts';
import {parseManifest} from '../../oci/parse-manifest.ts';
import type {Abortable} from '../../types/abortable.ts';
import type {ItemLabels} from '../items/item-labels.ts';

export interface RetentionLabelsParts {
	readonly metadata: Pick<MetadataStore, 'repository'>;
	readonly labels: ItemLabels;
}

type Labels = Readonly<Record<string, string>>;

/** Labels of the image that a manifest is or, of an index, of those that are its entries. */
export async function readRetentionLabels(
	{metadata, labels}: RetentionLabelsParts,
	place: ImagePlace,
	digest: Digest,
	options: Abortable = {},
): Promise<readonly Labels[]> {
	const found = await metadata.repository(place.repository).findManifest(place.image, {digest});
	if (found === undefined) {
		return [];
	}
	const {bytes, mediaType} = found.manifest;
	const {references} = parseManifest(bytes, mediaType, digest);
	const entries = references.flatMap(({kind, descriptor}) => (kind === 'manifest' ? [descriptor.digest] : []));
	return [...(await labels.readManifests(place, [digest, ...entries], options)).values()];
}
