import {readFile} from 'node:fs/promises';
import {withOptionTable} from '@stowage/core';
import test from 'ava';
import {v1Options} from './options.ts';

test('the README has the options as the schema has them', async t => {
	const text = await readFile(new URL('../README.md', import.meta.url), 'utf8');
	t.is(text, withOptionTable(text, {...v1Options}));
});
