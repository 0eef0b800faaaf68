import type {Digest} from '../../oci/digest.ts';
import type {ImageName} from '../../oci/image-name.ts';
import type {ManifestPull, NamedManifest} from '../repository-records.ts';
import {chunks} from './chunks.ts';
import type {Session} from './session.ts';

const unusedSql = `select images.name, manifests.digest
	from images
	join manifests on manifests.image_id = images.id
	left join manifest_pulls on manifest_pulls.manifest_id = manifests.id
	where images.repository_id = ? and manifests.created_at < ?
		and (manifest_pulls.pulled_at is null or manifest_pulls.pulled_at < ?)
		and not exists (
			select 1 from manifest_references
			where manifest_references.image_id = manifests.image_id
				and manifest_references.digest = manifests.digest
				and manifest_references.kind = 'manifest'
		)
	order by manifests.created_at, manifests.id limit ?`;

interface ManifestIdRow {
	readonly id: number;
	readonly image_id: number;
	readonly name: ImageName;
	readonly digest: Digest;
}

export async function notePulls(session: Session, repository: number, pulls: readonly ManifestPull[]): Promise<void> {
	for (const part of chunks(pulls)) {
		await session.transaction(inner => notePart(inner, repository, part));
	}
}

async function notePart(session: Session, repository: number, pulls: readonly ManifestPull[]): Promise<void> {
	const times = new Map(pulls.map(({image, digest, at}) => [`${image}@${digest}`, at.getTime()]));
	const found = await session.run<readonly ManifestIdRow[]>('manifests', manifests =>
		session.share(
			manifests
				.join('images', 'images.id', 'manifests.image_id')
				.select('manifests.id', 'manifests.image_id', 'images.name', 'manifests.digest')
				.where('images.repository_id', repository)
				.whereIn('images.name', [...new Set(pulls.map(({image}) => image))])
				.whereIn('manifests.digest', [...new Set(pulls.map(({digest}) => digest))])
				.orderBy('manifests.id'),
		),
	);
	const rows = found.flatMap(({id, image_id, name, digest}) => {
		const pulledAt = times.get(`${name}@${digest}`);
		return pulledAt === undefined ? [] : [{manifest_id: id, image_id, pulled_at: pulledAt}];
	});
	if (rows.length > 0) {
		await session.run('manifest_pulls', table => table.insert(rows).onConflict('manifest_id').merge(['pulled_at']));
	}
}

export async function findUnused(
	session: Session,
	repository: number,
	{before, limit}: {readonly before: number; readonly limit: number},
): Promise<readonly NamedManifest[]> {
	const rows = await session.select<{name: ImageName; digest: Digest}>(unusedSql, [repository, before, before, limit]);
	return rows.map(({name: image, digest}) => ({image, digest}));
}
