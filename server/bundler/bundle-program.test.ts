import {execFile} from 'node:child_process';
import {globSync} from 'node:fs';
import {mkdtemp, readFile, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {promisify} from 'node:util';
import test from 'ava';

const cwd = join(import.meta.dirname, '../..');

test('what a package exports of its sources, it exports of the bundle', async t => {
	const manifests = globSync('{core,drivers/*,plugins/*}/package.json', {cwd});
	t.true(manifests.length > 10);
	for (const manifest of manifests) {
		const {name, exports} = JSON.parse(await readFile(join(cwd, manifest), 'utf8')) as {
			name: string;
			exports: Record<string, Record<string, string>>;
		};
		for (const {'@stowage/source': source, '@stowage/bundle': bundled} of Object.values(exports)) {
			t.is(bundled, source?.replace('./src/', './bundle/').replace(/\.ts$/, '.js'), name);
		}
	}
});

test('a plugin has the core that whoever else imports it has', async t => {
	const root = await mkdtemp(join(tmpdir(), 'stowage-bundle-'));
	t.teardown(() => rm(root, {recursive: true}));
	const script = `
		const {MissingError} = await import('@stowage/core');
		const {default: plugin} = await import('@stowage/filesystem');
		const driver = await plugin.storageDrivers[0].create(JSON.parse(process.argv[1]), {name: 'here'});
		const error = await driver.move('blobs/a', 'blobs/b').catch(error => error);
		console.log(error instanceof MissingError, import.meta.resolve('@stowage/filesystem'));
	`;
	const options = JSON.stringify({root, durable: false, fileMode: '0640', folderMode: '0750'});
	const parameters = ['--conditions=@stowage/bundle', '--input-type=module', '--eval', script, options];
	const {stdout} = await promisify(execFile)(process.execPath, parameters, {cwd: join(cwd, 'server')});
	t.regex(stdout, /^true file:.*\/drivers\/filesystem\/bundle\/index\.js\n$/);
});
