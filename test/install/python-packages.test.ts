import {mkdtemp, readFile, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import test, {type ExecutionContext} from 'ava';
import {MissingPythonPackagesError, installPythonPackages} from './python-packages.ts';

async function emptyFolder(t: ExecutionContext): Promise<string> {
	const folder = await mkdtemp(join(tmpdir(), 'python-packages-'));
	t.teardown(() => rm(folder, {recursive: true, force: true}));
	return join(folder, 'python');
}

async function withoutPip(command: readonly string[]): Promise<number> {
	return command[1] === 'install' ? 1 : 0;
}

test('packages are installed once, and again when the list changes', async t => {
	const folder = await emptyFolder(t);
	const commands: string[] = [];
	const run = async (command: readonly string[]) => {
		commands.push(command.slice(0, 2).join(' '));
		return 0;
	};
	await installPythonPackages(['a==1'], folder, run);
	await installPythonPackages(['a==1'], folder, run);
	t.deepEqual(commands, ['python3 -m', `${folder}/bin/pip install`]);
	t.is(await readFile(join(folder, 'installed.txt'), 'utf8'), 'a==1');
	await installPythonPackages(['a==2'], folder, run);
	t.is(commands.length, 4);
});

test('what cannot be installed is named, and tried again the next time', async t => {
	const folder = await emptyFolder(t);
	await t.throwsAsync(installPythonPackages(['a==1'], folder, withoutPip), {
		instanceOf: MissingPythonPackagesError,
		message: /a==1.*failed with 1/,
	});
	await t.throwsAsync(installPythonPackages(['a==1'], folder, withoutPip), {instanceOf: MissingPythonPackagesError});
});

test('a system that cannot make environments is told what it lacks', async t => {
	await t.throwsAsync(
		installPythonPackages(['a==1'], await emptyFolder(t), async () => 127),
		{message: /python3-venv.*a==1/},
	);
});
