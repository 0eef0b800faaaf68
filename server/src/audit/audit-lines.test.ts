import {mkdtemp, readFile, rename, rm, stat} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {type AuditEntry, type Logger, makeAuditId} from '@stowage/core';
import test, {type ExecutionContext} from 'ava';
import {AuditLines} from './audit-lines.ts';

async function makeWorld(t: ExecutionContext, options: {readonly log?: boolean; readonly folder?: string} = {}) {
	const folder = await mkdtemp(join(tmpdir(), 'audit-'));
	t.teardown(() => rm(folder, {recursive: true}));
	const logged: [level: string, fields: object, message: string][] = [];
	const add = (level: string) => (fields: object, message: string) => void logged.push([level, fields, message]);
	const logger: Logger = {
		debug: add('debug'),
		info: add('info'),
		warn: add('warn'),
		error: add('error'),
		child: () => logger,
	};
	const file = join(folder, options.folder ?? '', 'audit.jsonl');
	return {file, logged, lines: new AuditLines({log: options.log ?? false, file, logger})};
}

function entry(target: string): AuditEntry {
	const at = new Date('2026-01-31T12:00:00Z');
	return {id: makeAuditId(at), at, kind: 'change', user: 'ann', action: 'user.add', target, address: '::1', count: 1};
}

async function targetsIn(file: string): Promise<readonly string[]> {
	const lines = (await readFile(file, 'utf8')).trimEnd().split('\n');
	return lines.map(line => (JSON.parse(line) as {target: string}).target);
}

test('each entry is a line of JSON, in order, in a file that only its owner reads', async t => {
	const {lines, file} = await makeWorld(t);
	const targets = Array.from({length: 100}, (_, index) => `/${index}\n`);
	targets.forEach(target => lines.tell(entry(target)));
	await lines.close();
	t.deepEqual(await targetsIn(file), targets);
	t.like(JSON.parse((await readFile(file, 'utf8')).split('\n', 1)[0]!), {
		time: '2026-01-31T12:00:00.000Z',
		kind: 'change',
		user: 'ann',
		action: 'user.add',
	});
	t.is((await stat(file)).mode & 0o777, 0o600);
});

test('a file that was moved away is made anew', async t => {
	const {lines, file} = await makeWorld(t);
	lines.tell(entry('/1'));
	await lines.close();
	await rename(file, `${file}.1`);
	lines.tell(entry('/2'));
	await lines.close();
	t.deepEqual([await targetsIn(`${file}.1`), await targetsIn(file)], [['/1'], ['/2']]);
});

test('entries go to the log where that is asked for, and trouble with the file does', async t => {
	const {lines, logged} = await makeWorld(t, {log: true, folder: 'not-there'});
	lines.tell(entry('/1'));
	await lines.close();
	t.like(logged, [
		['info', {audit: {action: 'user.add', target: '/1'}}, 'audit'],
		['error', {entries: 1}, 'the audit log could not be appended to its file'],
	]);
});
