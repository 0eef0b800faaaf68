import test from 'ava';
import {findProgram} from './find-program.ts';

test('an installed program is found, also outside of the PATH', async t => {
	t.regex(await findProgram('sh', 'dash'), /\/sh$/);
});

test('who lacks a program is told which package has it', async t => {
	const error = await t.throwsAsync(findProgram('no-such-program', 'some-package'), {code: 'PROCESS_FAILED'});
	t.regex(error.message, /no-such-program: .*some-package/);
});
