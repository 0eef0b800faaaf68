import {globSync} from 'node:fs';
import {readFile} from 'node:fs/promises';
import {dirname, join} from 'node:path';
import test from 'ava';

const root = join(import.meta.dirname, '../..');

interface PackageFile {
	readonly files?: readonly string[];
}

test('no package publishes what only its tests need, and each has a README', async t => {
	const packages = globSync('{core,server,drivers/*,plugins/*,test/kit}/package.json', {cwd: root});
	t.true(packages.length > 10);
	for (const path of packages) {
		const folder = join(root, dirname(path));
		const {files = []} = JSON.parse(await readFile(join(root, path), 'utf8')) as PackageFile;
		const fixtures = globSync('src/**/fixtures', {cwd: folder});
		t.true(fixtures.length === 0 || files.includes('!dist/**/fixtures'), path);
		t.true(files.includes('README.md'), path);
		await t.notThrowsAsync(readFile(join(folder, 'README.md')), path);
	}
});
