import type {Digest} from '../../../oci/digest.ts';
import type {Labels} from '../../item-records.ts';
import type {ImagePlace} from '../../promotion-records.ts';
import {chunks} from '../chunks.ts';
import type {Session} from '../session.ts';

export async function findLabels(
	session: Session,
	{repository, image}: ImagePlace,
	manifests: readonly Digest[],
): Promise<ReadonlyMap<Digest, Labels>> {
	const found = new Map<Digest, Labels>();
	for (const part of chunks(manifests)) {
		const rows = await session.run<readonly {digest: Digest; labels: string}[]>('images', images =>
			images
				.join('manifests', 'manifests.image_id', 'images.id')
				.join('manifest_labels', 'manifest_labels.manifest_id', 'manifests.id')
				.select('manifests.digest', 'manifest_labels.labels')
				.where('images.repository_id', repository)
				.where('images.name', image)
				.whereIn('manifests.digest', part),
		);
		for (const {digest, labels} of rows) {
			found.set(digest, JSON.parse(labels) as Labels);
		}
	}
	return found;
}

export async function keepLabels(
	session: Session,
	{repository, image}: ImagePlace,
	{manifest, labels}: {readonly manifest: Digest; readonly labels: Labels},
): Promise<void> {
	await session.transaction(async inner => {
		const [id] = await inner.run<readonly number[]>('manifests', manifests =>
			inner.share(
				manifests
					.join('images', 'images.id', 'manifests.image_id')
					.where('images.repository_id', repository)
					.where('images.name', image)
					.where('manifests.digest', manifest)
					.pluck('manifests.id'),
			),
		);
		if (id !== undefined) {
			const row = {manifest_id: id, labels: JSON.stringify(labels)};
			await inner.run('manifest_labels', rows => rows.insert(row).onConflict('manifest_id').merge(['labels']));
		}
	});
}
