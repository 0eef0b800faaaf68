import {mkdtemp, readFile, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {withOptionTable} from '@stowage/core';
import test from 'ava';
import {documentedSchema} from './documented-schema.ts';
import {readConfiguration} from './read-configuration.ts';

const file = join(import.meta.dirname, '../../README.md');

test('the example of the README is a good configuration', async t => {
	const [, example = ''] = /```yaml\n([^]*?)```/.exec(await readFile(file, 'utf8')) ?? [];
	const folder = await mkdtemp(join(tmpdir(), 'stowage-readme-'));
	t.teardown(() => rm(folder, {recursive: true}));
	await writeFile(join(folder, 'stowage.yaml'), example);
	const environment = {STOWAGE_DB_PASSWORD: 'geheim'};
	const {configuration} = await readConfiguration({file: 'stowage.yaml', environment, workingFolder: folder});
	t.like(configuration.database, {client: 'mysql', host: 'db.example', password: 'geheim', port: 3306});
	t.is(configuration.bindings.length, 2);
});

test('the option table of the README is current', async t => {
	const readme = await readFile(file, 'utf8');
	t.is(withOptionTable(readme, documentedSchema()), readme);
});
