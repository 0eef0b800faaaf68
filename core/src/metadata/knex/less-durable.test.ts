import {mkdtemp, rm} from 'node:fs/promises';
import type {DatabaseSync} from 'node:sqlite';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import test from 'ava';
import type {Connection} from './database.ts';
import {Session} from './session.ts';
import {SqliteDatabase} from './sqlite-database.ts';

/** As SQLite numbers them (https://www.sqlite.org/pragma.html#pragma_synchronous). */
const [normal, full] = [1, 2];

function levelOf(connection: Connection): unknown {
	return (connection as DatabaseSync).prepare('pragma synchronous').get()?.['synchronous'];
}

test('nobody waits for the disk with what may be forgotten, and with all else everybody does', async t => {
	const folder = await mkdtemp(join(tmpdir(), 'stowage-durable-'));
	const database = await SqliteDatabase.open({client: 'sqlite', file: join(folder, 'test.sqlite')});
	t.teardown(async () => {
		await database.close();
		await rm(folder, {recursive: true});
	});
	await database.knex.schema.createTable('things', things => void things.integer('synchronous'));
	const session = new Session(database);
	const levels: unknown[] = [];
	const note = async () => {
		const connection = await database.acquire();
		levels.push(levelOf(connection));
		await database.release(connection, false);
	};
	await database.lessDurably(async connection => void levels.push(levelOf(connection)));
	await note();
	await session.run('things', things => things.insert({synchronous: 1}), {durable: false});
	await note();
	await t.throwsAsync(session.run('things', things => things.insert({nothing: 1}), {durable: false}));
	await note();
	t.deepEqual(levels, [normal, full, full, full]);
	const count = await session.transaction(inner =>
		inner.run<readonly object[]>('things', things => things.select('synchronous'), {durable: false}),
	);
	t.is(count.length, 1);
});
