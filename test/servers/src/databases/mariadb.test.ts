import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {existsSync} from 'node:fs';
import {readFile} from 'node:fs/promises';
import {join} from 'node:path';
import {createInterface} from 'node:readline';
import {setTimeout as sleep} from 'node:timers/promises';
import test from 'ava';
import {createConnection} from 'mysql2/promise';
import {startMariadb} from './mariadb.ts';

/** Whether the process runs; one that has ended and that nobody has collected yet does not. */
async function isRunning(pid: number): Promise<boolean> {
	try {
		return !/^\d+ \(.*\) Z/.test(await readFile(`/proc/${pid}/stat`, 'utf8'));
	} catch {
		return false;
	}
}

async function untilGone(pid: number): Promise<boolean> {
	for (let round = 0; round < 500; round++) {
		if (!(await isRunning(pid))) {
			return true;
		}
		await sleep(20);
	}
	return false;
}

test('a started server makes databases, drops them, and is gone with its folder after stop', async t => {
	const server = await startMariadb();
	t.teardown(server.stop);
	const {host, port, user, password} = server;
	const made = await server.createDatabase();
	const connection = await createConnection({host, port, user, password});
	const count = async () => {
		const [rows] = await connection.query(
			'select count(*) as n from information_schema.schemata where schema_name = ?',
			[made.name],
		);
		return (rows as {n: number}[])[0]?.n;
	};
	t.is(await count(), 1);
	await made.drop();
	t.is(await count(), 0);
	const [rows] = await connection.query('select @@datadir as folder');
	const {folder} = (rows as {folder: string}[])[0]!;
	t.true(existsSync(folder));
	await connection.end();
	await server.stop();
	t.true(await untilGone(server.pid));
	t.false(existsSync(folder));
});

test('a server ends when the process that started it is killed', async t => {
	const module = JSON.stringify(join(import.meta.dirname, 'mariadb.ts'));
	const script = `const {startMariadb} = await import(${module});
		console.log((await startMariadb()).pid);
		setInterval(() => {}, 1000);`;
	const parent = spawn(process.execPath, ['--conditions=@stowage/source', '--input-type=module', '-e', script], {
		stdio: ['ignore', 'pipe', 'inherit'],
	});
	t.teardown(() => parent.kill('SIGKILL'));
	const [line] = (await once(createInterface(parent.stdout), 'line')) as [string];
	const pid = Number(line);
	t.true(await isRunning(pid));
	parent.kill('SIGKILL');
	t.true(await untilGone(pid));
});
