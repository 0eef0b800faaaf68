import {access, mkdtemp, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import test from 'ava';
import {Children} from './children.ts';
import {removeLeftBehind} from './left-behind.ts';

test('what is left in a folder is told, and removed with it', async t => {
	const folder = await mkdtemp(join(tmpdir(), 'left-behind-'));
	await writeFile(join(folder, 'forgotten'), '');
	t.deepEqual(await removeLeftBehind(folder, new Children().run), [join(folder, 'forgotten')]);
	await t.throwsAsync(access(folder), {code: 'ENOENT'});
});
