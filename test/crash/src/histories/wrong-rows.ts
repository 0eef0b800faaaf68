import {DatabaseSync} from 'node:sqlite';
import type {DatabaseOptions} from '@stowage/core/metadata';
import {createConnection} from 'mysql2/promise';
import {againstRules} from './against-rules.ts';

/** What there may never be a row of, whatever was done. */
const never: Readonly<Record<string, string>> = {
	'a hold of no image': `select image_blobs.id from image_blobs
		left join images on images.id = image_blobs.image_id where images.id is null`,
	'a hold of no blob': `select image_blobs.id from image_blobs
		left join blobs on blobs.id = image_blobs.blob_id where blobs.id is null`,
	'a hold with another digest than its blob': `select image_blobs.id from image_blobs
		join blobs on blobs.id = image_blobs.blob_id where blobs.digest <> image_blobs.digest`,
	'a hold with another repository than its image': `select image_blobs.id from image_blobs
		join images on images.id = image_blobs.image_id where images.repository_id <> image_blobs.repository_id`,
	'a manifest of no image': `select manifests.id from manifests
		left join images on images.id = manifests.image_id where images.id is null`,
	'a reference of no manifest, or of one of another image': `select manifest_references.manifest_id
		from manifest_references left join manifests on manifests.id = manifest_references.manifest_id
		where manifests.id is null or manifests.image_id <> manifest_references.image_id`,
	'a tag of no manifest, or of one of another image': `select tags.name from tags
		left join manifests on manifests.id = tags.manifest_id
		where manifests.id is null or manifests.image_id <> tags.image_id`,
	'the time of a pull of no manifest': `select manifest_pulls.manifest_id from manifest_pulls
		left join manifests on manifests.id = manifest_pulls.manifest_id where manifests.id is null`,
	'the renewal of no manifest': `select manifest_renewals.manifest_id from manifest_renewals
		left join manifests on manifests.id = manifest_renewals.manifest_id where manifests.id is null`,
	'a manifest that names what its image has not': `select manifest_references.digest from manifest_references
		where not exists (
			select 1 from image_blobs where image_blobs.image_id = manifest_references.image_id
				and image_blobs.digest = manifest_references.digest
		) and not (manifest_references.kind = 'manifest' and exists (
			select 1 from manifests where manifests.image_id = manifest_references.image_id
				and manifests.digest = manifest_references.digest
		))`,
	'a blob that is held and taken for unheld': `select blobs.id from blobs where unheld_since is not null
		and exists (select 1 from image_blobs where image_blobs.blob_id = blobs.id)`,
	'a blob that is not held and taken for held': `select blobs.id from blobs where unheld_since is null
		and not exists (select 1 from image_blobs where image_blobs.blob_id = blobs.id)`,
	'an upload that has ended': 'select id from uploads',
	...againstRules,
};

/** What there may be no row of once everything was collected that nobody needs. */
const notAfterCollection: Readonly<Record<string, string>> = {
	'a blob that nobody holds': 'select id from blobs where unheld_since is not null',
	'a hold that no manifest needs': `select image_blobs.id from image_blobs where not exists (
			select 1 from manifest_references where manifest_references.image_id = image_blobs.image_id
				and manifest_references.digest = image_blobs.digest
		)`,
	'an image without a manifest': `select images.id from images
		where not exists (select 1 from manifests where manifests.image_id = images.id)`,
};

export interface WrongRows {
	readonly what: string;
	readonly rows: number;
}

export interface FindWrongRowsOptions {
	readonly collected: boolean;
}

/** Everything that is wrong in the rows, seen past all that could hide it. */
export async function findWrongRows(
	database: DatabaseOptions,
	{collected}: FindWrongRowsOptions,
): Promise<readonly WrongRows[]> {
	const asked = Object.entries(collected ? {...never, ...notAfterCollection} : never);
	const counts = await countRows(
		database,
		asked.map(([, sql]) => sql),
	);
	return asked.map(([what], index) => ({what, rows: counts[index] ?? 0})).filter(({rows}) => rows > 0);
}

/** How many rows each query finds. */
async function countRows(options: DatabaseOptions, queries: readonly string[]): Promise<readonly number[]> {
	if (options.client === 'sqlite') {
		using database = new DatabaseSync(options.file, {readOnly: true, timeout: 10_000});
		return queries.map(sql => database.prepare(sql).all().length);
	}
	const {host, port, user, password, database} = options;
	const connection = await createConnection({host, port, user, password, database});
	try {
		const counts: number[] = [];
		for (const sql of queries) {
			const [rows] = await connection.query(sql);
			counts.push((rows as readonly object[]).length);
		}
		return counts;
	} finally {
		await connection.end();
	}
}
