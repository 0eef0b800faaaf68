import {mkdtemp, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {DatabaseSync} from 'node:sqlite';
import {setImmediate as turn} from 'node:timers/promises';
import test, {type ExecutionContext} from 'ava';
import {openMetadata} from '../open-metadata.ts';

/** A database file, opened here, with a value in it that another process may change. */
async function openWorld(t: ExecutionContext) {
	const folder = await mkdtemp(join(tmpdir(), 'stowage-reads-'));
	t.teardown(() => rm(folder, {recursive: true}));
	const file = join(folder, 'metadata.sqlite');
	const metadata = await openMetadata({client: 'sqlite', file});
	t.teardown(() => metadata.close());
	await metadata.settings.set('value', 'old');
	const other = new DatabaseSync(file);
	t.teardown(() => other.close());
	return {
		metadata,
		read: () => metadata.settings.find('value'),
		elsewhere: (value: string) =>
			other.prepare(`update settings set value = ? where name = 'value'`).run(JSON.stringify(value)),
	};
}

test('requests that came together read one snapshot, and the next ones a new one', async t => {
	const {metadata, read, elsewhere} = await openWorld(t);
	await turn();
	metadata.arrived();
	t.deepEqual(await Promise.all([read(), read()]), ['old', 'old']);
	elsewhere('new');
	t.is(await read(), 'old');
	await turn();
	metadata.arrived();
	t.deepEqual(await Promise.all([read(), read()]), ['new', 'new']);
});

test('what this process wrote is read at once', async t => {
	const {metadata, read} = await openWorld(t);
	for (const value of ['one', 'two', 'three']) {
		metadata.arrived();
		await Promise.all([read(), read()]);
		await metadata.settings.set('value', value);
		t.is(await read(), value);
		metadata.arrived();
		await Promise.all([read(), read()]);
		await metadata.transaction(store => store.settings.set('value', `${value} more`));
		t.is(await read(), `${value} more`);
	}
});

test('what is read for no request sees what others have committed until then', async t => {
	const {read, elsewhere} = await openWorld(t);
	await turn();
	t.deepEqual(await Promise.all([read(), read()]), ['old', 'old']);
	elsewhere('new');
	t.is(await read(), 'new');
});

test('a database can be closed in the turn in which it was read', async t => {
	const {metadata, read} = await openWorld(t);
	metadata.arrived();
	await Promise.all([read(), read()]);
	await metadata.close();
	await t.notThrowsAsync(turn());
});
