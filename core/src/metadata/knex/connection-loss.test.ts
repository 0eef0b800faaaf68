import {databases} from '@stowage/test-servers/databases';
import {openMetadataWorld} from '@stowage/test-servers/metadata-world';
import test from 'ava';
import {type Connection, createConnection} from 'mysql2/promise';
import type {DatabaseOptions} from '../database-options.ts';
import {isConnectionLost} from './database-error.ts';

/** Ends all other connections to the database, as a proxy or a server that is restarted does. */
async function killOthers(admin: Connection, database: string): Promise<number> {
	const [rows] = await admin.query(
		'select id from information_schema.processlist where db = ? and id <> connection_id()',
		[database],
	);
	for (const {id} of rows as {id: number}[]) {
		await admin.query('kill ?', [id]);
	}
	return (rows as unknown[]).length;
}

function connect(options: DatabaseOptions): Promise<Connection> {
	if (options.client !== 'mysql') {
		throw new TypeError('only a server has connections to lose');
	}
	const {host, port, user, password, database} = options;
	return createConnection({host, port, user, password, database});
}

for (const database of databases().filter(({name}) => name === 'mysql')) {
	test('reads, commands and transactions go on after all connections were lost', async t => {
		const {options, store} = await openMetadataWorld(t, database);
		const admin = await connect(options);
		t.teardown(() => admin.end());
		const name = (options as {readonly database: string}).database;
		await Promise.all(Array.from({length: 5}, (_, index) => store.settings.set(`name ${index}`, index)));
		const attempts = [
			async () => t.is(await store.settings.find('name 1'), 1),
			() => store.settings.set('name 1', 1),
			() => store.transaction(inner => inner.settings.set('name 1', 1)),
			() => store.check(),
		];
		for (const attempt of attempts) {
			t.true((await killOthers(admin, name)) > 0);
			await new Promise(resolve => setTimeout(resolve, 20));
			await t.notThrowsAsync(async () => attempt());
		}
	});

	test('a transaction whose connection is lost rejects, and nothing of it is stored', async t => {
		const {options, store} = await openMetadataWorld(t, database);
		const admin = await connect(options);
		t.teardown(() => admin.end());
		const name = (options as {readonly database: string}).database;
		const lost = store.transaction(async inner => {
			await inner.settings.set('name', 1);
			await killOthers(admin, name);
			await inner.settings.set('other', 2);
		});
		t.true(isConnectionLost(await t.throwsAsync(lost)));
		t.is(await store.settings.find('name'), undefined);
		t.is(await store.settings.find('other'), undefined);
	});
}
