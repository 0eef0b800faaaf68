import {execFile} from 'node:child_process';
import {chmod, mkdir, mkdtemp, readFile, readdir, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {promisify} from 'node:util';
import {withOptionTable} from '@stowage/core';
import test, {type ExecutionContext} from 'ava';
import {classifyError} from './errors.ts';
import plugin from './index.ts';
import {openRoot} from './open-root.ts';
import {filesystemOptions} from './options.ts';

const options = {durable: true, fileMode: '0640', folderMode: '0750'};

test('the root is made with the folders above it, and trying it leaves nothing', async t => {
	const folder = await makeFolder(t);
	const root = await openRoot({...options, root: join(folder, 'a/b')}, 'main');
	t.true(root.path.endsWith('/a/b'));
	t.deepEqual(await readdir(root.path), []);
});

test('a root that is a file, or below one, is refused with what to do', async t => {
	const folder = await makeFolder(t);
	await writeFile(join(folder, 'file'), '');
	for (const root of [join(folder, 'file'), join(folder, 'file/below')]) {
		const error = await t.throwsAsync(openRoot({...options, root}, 'main'));
		t.regex(error.message, /^storage "main": cannot write in the folder .*file.*: it is not a folder.*"root"/);
	}
});

test('a root that may not be written is refused with who needs the right', async t => {
	const folder = await makeFolder(t);
	const root = join(folder, 'locked');
	await mkdir(root);
	await chmod(root, 0o555);
	const message = await messageAsNobody(root);
	t.regex(message, /^storage "main": cannot write in the folder .*locked: give user id \d+ the right to write there/);
});

test('a failed call of the system has the code of what it means', t => {
	const codes = {
		ENOENT: 'not-found',
		ENOTDIR: 'not-found',
		EACCES: 'denied',
		EPERM: 'denied',
		EROFS: 'denied',
		ELOOP: 'denied',
		ENOSPC: 'full',
		EDQUOT: 'full',
		EMFILE: 'unavailable',
		ENFILE: 'unavailable',
		EIO: 'unavailable',
		EISDIR: 'unknown',
		constructor: 'unknown',
	};
	for (const [code, meaning] of Object.entries(codes)) {
		t.is(classifyError(Object.assign(new Error(code), {code})), meaning as ReturnType<typeof classifyError>, code);
	}
});

test('a full disk is classified as full', async t => {
	const {open} = await import('node:fs/promises');
	await using handle = await open('/dev/full', 'w');
	const error = await t.throwsAsync(handle.write(Buffer.from('x')));
	t.is(classifyError(error), 'full');
});

test('the table of options in the README is current', async t => {
	const readme = await readFile(new URL('../README.md', import.meta.url), 'utf8');
	t.is(withOptionTable(readme, {...filesystemOptions}), readme);
});

test('the package offers the driver under the name that operators write', t => {
	t.is(plugin.name, '@stowage/filesystem');
	t.deepEqual(
		plugin.storageDrivers?.map(driver => driver.type),
		['filesystem'],
	);
});

async function makeFolder(t: ExecutionContext): Promise<string> {
	const folder = await mkdtemp(join(tmpdir(), 'stowage-open-root-'));
	await chmod(folder, 0o755);
	t.teardown(() => rm(folder, {recursive: true, force: true}));
	return folder;
}

/** Nobody refuses root anything, so a test that runs as root tries as another user. */
async function messageAsNobody(root: string): Promise<string> {
	const script = `
		import {openRoot} from ${JSON.stringify(new URL('open-root.ts', import.meta.url).href)};
		if (process.getuid() === 0) process.setuid(65534);
		await openRoot(${JSON.stringify({...options, root})}, 'main').catch(error => console.log(error.message));
	`;
	const args = ['--conditions=@stowage/source', '--input-type=module', '--eval', script];
	const {stdout} = await promisify(execFile)(process.execPath, args);
	return stdout;
}
