import {DatabaseSync} from 'node:sqlite';
import {type Connection, createConnection} from 'mysql2/promise';
import type {BenchDatabase} from './bench-database.ts';

export interface FilledRows {
	readonly blobs: number;
	/** Of these, what nobody needs: half of it is held still, by images that have no manifest any more that names it. */
	readonly unheld: number;
}

const images = 10_000;
const manifestsPerImage = 9;
/** Of images, blobs and manifests: above those that the registry has made itself. */
const firstId = 1_000_000;
const size = 1_000_000;

interface Words {
	/** Numbers from 1 to so many, as `n`. */
	readonly numbers: (count: number) => string;
	readonly text: (...parts: readonly string[]) => string;
	/** A digest for a number of a kind. */
	readonly digest: (kind: string, number: string) => string;
	readonly divide: (number: string, by: number) => string;
	readonly bytes: string;
}

const sqlite: Words = {
	numbers: count =>
		`(with recursive counted(n) as (select 1 union all select n + 1 from counted where n < ${count}) select n from counted)`,
	text: (...parts) => parts.join(' || '),
	// Multiplied by an odd number below 2^31, so that neighbours are far from each other in the index.
	digest: (kind, number) =>
		`'sha256:' || printf('%08x', (${number}) * 2654435761 % 4294967296) || printf('%056x', ${kind} + ${number})`,
	divide: (number, by) => `(${number}) / ${by}`,
	bytes: `x'7b7d'`,
};

const mysql: Words = {
	numbers: count => `(select seq as n from seq_1_to_${count})`,
	text: (...parts) => `concat(${parts.join(', ')})`,
	digest: (kind, number) => `concat('sha256:', sha2(concat(${kind}, '/', ${number}), 256))`,
	divide: (number, by) => `(${number}) div ${by}`,
	bytes: `x'7b7d'`,
};

/**
 * Fills the tables as a registry of 10,000 images has them, whose holds were all renewed long ago: the most that one
 * collection can have to look at.
 */
export async function fillRows(database: BenchDatabase, {blobs, unheld}: FilledRows): Promise<void> {
	const words = database.options.client === 'sqlite' ? sqlite : mysql;
	const statements = statementsOf(words, {blobs, unheld, old: Date.now() - 7 * 86_400_000});
	if (database.options.client === 'sqlite') {
		using connection = new DatabaseSync(database.options.file, {timeout: 60_000});
		connection.exec('pragma synchronous = off; pragma foreign_keys = off');
		connection.exec(['begin immediate', ...statements, 'commit'].join(';\n'));
		connection.exec('pragma wal_checkpoint(truncate)');
		return;
	}
	const {host, port, user, password, database: name} = database.options;
	const connection: Connection = await createConnection({host, port, user, password, database: name});
	try {
		for (const statement of ['set foreign_key_checks = 0', 'set unique_checks = 0', ...statements]) {
			await connection.query(statement);
		}
	} finally {
		await connection.end();
	}
}

function statementsOf(words: Words, {blobs, unheld, old}: FilledRows & {readonly old: number}): readonly string[] {
	const {numbers, text, digest, divide} = words;
	const needed = blobs - unheld;
	const held = blobs - unheld / 2;
	const repository = `(select id from repositories where repository_key = 'docker-local')`;
	const imageOf = `${firstId} + n % ${images}`;
	// The manifests of an image take turns, so that each names blobs of all ages.
	const turn = `(${divide('n', images)}) % ${manifestsPerImage}`;
	return [
		`insert into images (id, repository_id, name)
			select ${firstId} + n - 1, ${repository}, ${text(`'bench/image-'`, 'n')} from ${numbers(images)} numbers`,
		`insert into blobs (id, digest, storage, size, storage_key, unheld_since)
			select ${firstId} + n, ${digest('1', 'n')}, 'default', ${size}, ${text(`'blobs/bench/'`, 'n')},
				case when n > ${held} then ${old} + n else null end
			from ${numbers(blobs)} numbers`,
		`insert into image_blobs (id, image_id, digest, blob_id, repository_id, held_at)
			select ${firstId} + n, ${imageOf}, ${digest('1', 'n')}, ${firstId} + n, ${repository}, ${old} + n * 7919 % 1000000
			from ${numbers(held)} numbers`,
		`insert into manifests (id, image_id, digest, media_type, size, pushed_by, created_at, bytes)
			select ${firstId} + n - 1, ${firstId} + (n - 1) % ${images}, ${digest('2000000', 'n')},
				'application/vnd.oci.image.manifest.v1+json', 2, 'bench', ${old}, ${words.bytes}
			from ${numbers(images * manifestsPerImage)} numbers`,
		`insert into manifest_references (manifest_id, position, image_id, digest, kind)
			select ${firstId} + n % ${images} + ${images} * (${turn}), ${divide('n', images * manifestsPerImage)},
				${imageOf}, ${digest('1', 'n')}, 'layer'
			from ${numbers(needed)} numbers`,
	];
}
