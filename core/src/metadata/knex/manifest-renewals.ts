import type {Digest} from '../../oci/digest.ts';
import type {ManifestReference} from '../../oci/manifest-record.ts';
import {chunks} from './chunks.ts';
import type {Session} from './session.ts';

/** How long what was pushed again by its digest is left alone: the index that names it may be built on other machines. */
const waitMs = 24 * 60 * 60_000;

/** Remembers that a manifest was pushed again, for what is still to come and name it. */
export async function renewManifest(session: Session, manifestId: number): Promise<void> {
	const row = {manifest_id: manifestId, pushed_at: Date.now()};
	await session.run('manifest_renewals', rows => rows.insert(row).onConflict('manifest_id').merge(['pushed_at']));
}

/** Forgets it of a manifest that got a tag. */
export async function endRenewal(session: Session, manifestId: number): Promise<void> {
	await session.run('manifest_renewals', rows => rows.where('manifest_id', manifestId).delete());
}

/** Forgets it of the entries of an index that came. */
export async function endRenewals(
	session: Session,
	imageId: number,
	references: readonly ManifestReference[],
): Promise<void> {
	const entries = references.filter(({kind}) => kind === 'manifest').map(({descriptor}) => descriptor.digest);
	for (const part of chunks(entries)) {
		const ids = await session.run<readonly number[]>('manifests', rows =>
			rows.where('image_id', imageId).whereIn('digest', part).pluck('id'),
		);
		await session.run('manifest_renewals', rows => rows.whereIn('manifest_id', ids).delete());
	}
}

/** Those of the manifests that were pushed again by their digest within a day, and that nothing names since. */
export async function findRenewed(
	session: Session,
	manifests: ReadonlyMap<number, Digest>,
): Promise<readonly Digest[]> {
	const renewed: Digest[] = [];
	for (const part of chunks([...manifests.keys()])) {
		const ids = await session.run<readonly number[]>('manifest_renewals', rows =>
			rows
				.whereIn('manifest_id', part)
				.where('pushed_at', '>=', Date.now() - waitMs)
				.pluck('manifest_id'),
		);
		renewed.push(...ids.flatMap(id => manifests.get(id) ?? []));
	}
	return renewed;
}
