import {execFile} from 'node:child_process';
import {mkdir, readdir, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {promisify} from 'node:util';
import {registryProgram} from '@stowage/test-servers/registry-program';
import test from 'ava';
import {makeStowageFolder} from './fixtures/stowage-process.ts';

test.serial('the version is that of the package', async t => {
	const {run} = await makeStowageFolder(t);
	const command = run(['--version']);
	t.is(await command.exit, 0);
	t.regex(command.printed.stdout, /^\d+\.\d+\.\d+\n$/);
});

test.serial('help names every command', async t => {
	const {run} = await makeStowageFolder(t);
	const command = run(['--help']);
	t.is(await command.exit, 0);
	for (const word of ['serve', 'check-config', 'config-schema', 'storage', 'promote', 'repository', 'proxy-config']) {
		t.true(command.printed.stdout.includes(`  ${word} `), word);
	}
});

test.serial('an option that is none is told', async t => {
	const {run} = await makeStowageFolder(t);
	const command = run(['serve', '--worker', '2']);
	t.is(await command.exit, 1);
	t.regex(command.printed.stderr, /unknown option '--worker'[^]*Did you mean --workers\?/);
});

test.serial('a bad configuration is told with all its lines, and ends with exit code 78', async t => {
	const {folder, run} = await makeStowageFolder(t);
	await writeFile(join(folder, 'stowage.yaml'), 'listn: x\nlog:\n  level: loud\n');
	for (const words of [['serve'], ['check-config'], ['storage', 'check', 'default']]) {
		const command = run([...words, '--config', 'stowage.yaml']);
		t.is(await command.exit, 78);
		const file = join(folder, 'stowage.yaml');
		t.is(
			command.printed.stderr,
			`${file}:1:1: listn: unknown key, did you mean "listen"?\n${file}:3:10: log.level: must be one of "debug", "info", "warn", "error"\n2 problems in the configuration\n`,
		);
	}
	t.deepEqual(await readdir(folder), ['stowage.yaml']);
});

test.serial('a good configuration is said to be', async t => {
	const {run} = await makeStowageFolder(t);
	const command = run(['check-config']);
	t.is(await command.exit, 0);
	t.regex(command.printed.stdout, /^The configuration is good\.\n[^]*storages {4}default \(filesystem\)\n/);
});

test.serial('the schema holds what plugins add, and marks secrets', async t => {
	const {run} = await makeStowageFolder(t);
	const command = run(['config-schema']);
	t.is(await command.exit, 0);
	const schema = JSON.parse(command.printed.stdout) as {properties: Record<string, object>; required?: string[]};
	t.deepEqual(schema.required ?? [], []);
	t.true(JSON.stringify(schema.properties['storages']).includes('"filesystem"'));
	t.true(JSON.stringify(schema.properties['bootstrap']).includes('"local"'));
	t.regex(JSON.stringify(schema.properties['database']), /"password":\{[^}]*"writeOnly":true/);
});

test.serial('a reader who has enough breaks nothing', async t => {
	const {folder} = await makeStowageFolder(t);
	// Longer than what a pipe holds, so that it is still being printed when the reader goes.
	await writeFile(join(folder, 'long.js'), longPlugin);
	await writeFile(join(folder, 'package.json'), '{"type": "module"}');
	await writeFile(
		join(folder, 'stowage.yaml'),
		'plugins: [./long.js]\nstorages: {default: {driver: long}}\nbootstrap: {repositories: {}}\n',
	);
	const program = [registryProgram.program, ...registryProgram.parameters].map(word => `"${word}"`).join(' ');
	const command = `${program} config-schema -c stowage.yaml | head -c 300`;
	const script = `${command} > /dev/null; echo "\${PIPESTATUS[0]}"`;
	const {stdout, stderr} = await promisify(execFile)('bash', ['-c', script], {cwd: folder});
	t.deepEqual([stdout, stderr], ['0\n', '']);
});

const longPlugin = `const options = {type: 'object', description: 'x'.repeat(1e6)};
export default {name: 'long', api: 1, storageDrivers: [{type: 'long', options, create: () => undefined}]};
`;

test.serial('a storage is checked by using it, and nothing of that is left', async t => {
	const {folder, run} = await makeStowageFolder(t);
	const command = run(['storage', 'check', 'default', '--size', '4']);
	t.is(await command.exit, 0, command.printed.stderr);
	t.regex(command.printed.stdout, /^storage "default" \(filesystem\)\nstep +median ms +slowest ms +MB\/s\n/);
	t.regex(command.printed.stdout, /\nwrite 4 MiB +[\d.]+ +[\d.]+ +\d+\n/);
	t.log(command.printed.stdout);
	const left = await readdir(join(folder, 'data/storage'), {recursive: true, withFileTypes: true});
	t.deepEqual(
		left.filter(entry => entry.isFile()),
		[],
	);
});

test.serial('a storage that is not configured is told', async t => {
	const {run} = await makeStowageFolder(t);
	const command = run(['storage', 'check', 'defalt']);
	t.is(await command.exit, 78);
	t.regex(command.printed.stderr, /there is no storage "defalt", did you mean "default"\?/);
});

test.serial('a storage that cannot be opened is told by name', async t => {
	const {folder, run} = await makeStowageFolder(t);
	await mkdir(join(folder, 'data'));
	await writeFile(join(folder, 'data/storage'), 'a file');
	const command = run(['storage', 'check', 'default']);
	t.is(await command.exit, 1);
	t.regex(command.printed.stderr, /^stowage: storage "default" cannot be opened: .*\n$/);
});
