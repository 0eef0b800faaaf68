import {mkdtemp, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import test, {type ExecutionContext} from 'ava';
import {hasProgram} from './find-program.ts';

async function folderWith(t: ExecutionContext, text: string, mode: number): Promise<string> {
	const folder = await mkdtemp(join(tmpdir(), 'find-program-'));
	t.teardown(() => rm(folder, {recursive: true}));
	await writeFile(join(folder, 'tool'), text, {mode});
	return folder;
}

test('a program is found in any folder of the path', async t => {
	const folder = await folderWith(t, '#!/bin/sh\n', 0o755);
	t.true(await hasProgram({name: 'tool', package: 'p'}, `/nonexistent:${folder}`));
	t.false(await hasProgram({name: 'other', package: 'p'}, folder));
});

test('a file that may not be executed is no program', async t => {
	const folder = await folderWith(t, '#!/bin/sh\n', 0o644);
	t.false(await hasProgram({name: 'tool', package: 'p'}, folder));
});

test('a program that names a loader does not count as static', async t => {
	const folder = await folderWith(t, '\u007fELF\0/lib64/ld-linux-x86-64.so.2\0', 0o755);
	t.false(await hasProgram({name: 'tool', package: 'p', static: true}, folder));
	t.true(await hasProgram({name: 'tool', package: 'p'}, folder));
});
