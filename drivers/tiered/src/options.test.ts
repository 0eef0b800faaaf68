import {readFile} from 'node:fs/promises';
import {withOptionTable} from '@stowage/core';
import test from 'ava';
import {tieredOptions} from './options.ts';

test('the README has the table of the options as they are', async t => {
	const text = await readFile(new URL('../README.md', import.meta.url), 'utf8');
	t.is(withOptionTable(text, {...tieredOptions}), text);
});
