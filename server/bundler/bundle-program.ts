import {readdirSync, statSync} from 'node:fs';
import {mkdir, readFile, rename, rm, writeFile} from 'node:fs/promises';
import {dirname, join} from 'node:path';
import type {BuildOptions, OutputFile} from 'esbuild';

const root = join(import.meta.dirname, '../..');
/** Written last: its age is that of the bundle. */
const main = join(root, 'server/bundle/main.js');
const banner = `import {createRequire} from 'node:module'; const require = createRequire(import.meta.url);`;

/** What is bundled, and the sources of which package each is from. */
const packages = ['core', 'server', ...foldersIn('drivers'), ...foldersIn('plugins')];

/** What packages load if it is there, and is not: drivers of other databases, and modules that need compiling. */
const absent = ['better-sqlite3', 'mariadb', 'mysql', 'oracledb', 'pg', 'pg-query-stream', 'sqlite3', 'tedious'].concat(
	'cpu-features',
	'*.node',
);

const options = {
	absWorkingDir: root,
	outdir: root,
	chunkNames: 'server/bundle/[name]-[hash]',
	bundle: true,
	splitting: true,
	format: 'esm',
	platform: 'node',
	target: 'node24',
	conditions: ['@stowage/source'],
	// For packages that are CommonJS.
	banner: {js: banner},
	// The first two look for files beside their own; mysql2 is a megabyte that who keeps metadata in SQLite does not need.
	external: absent.concat('open', 'ssh2', 'mysql2', 'mysql2/*'),
	logLevel: 'error',
	write: false,
} as const satisfies BuildOptions;

interface BundleProgramOptions {
	/** Whether to make it even when nothing has changed, and to clear away what earlier ones left. */
	readonly afresh?: boolean;
}

/**
 * Makes few files of many: the registry, its plugins and what they need, in a folder `bundle` of each package, so that a
 * start loads 30 files and not 1,800. Does nothing when the bundle is newer than the sources. Rejects when they cannot be
 * bundled, and leaves the bundle that is there.
 */
export async function bundleProgram({afresh = false}: BundleProgramOptions = {}): Promise<void> {
	if (!afresh && isNewer()) {
		return;
	}
	const {build} = await import('esbuild');
	const {outputFiles} = await build({...options, entryPoints: await entryPoints()});
	if (afresh) {
		await Promise.all(packages.map(folder => rm(join(root, folder, 'bundle'), {recursive: true, force: true})));
	}
	await Promise.all(outputFiles.filter(({path}) => path !== main).map(keep));
	await Promise.all(outputFiles.filter(({path}) => path === main).map(keep));
}

function isNewer(): boolean {
	const made = statSync(main, {throwIfNoEntry: false});
	if (made === undefined) {
		return false;
	}
	const sources = packages.flatMap(folder => entriesBelow(join(root, folder, 'src')));
	const manifests = packages.map(folder => join(root, folder, 'package.json'));
	const paths = [...sources, ...manifests, join(root, 'package-lock.json'), import.meta.filename];
	return paths.every(path => statSync(path).mtimeMs < made.mtimeMs);
}

/** Folders too, whose time tells that something was removed. */
function entriesBelow(folder: string): string[] {
	const entries = readdirSync(folder, {recursive: true, encoding: 'utf8'});
	return [folder, ...entries.filter(entry => !entry.endsWith('.test.ts')).map(entry => join(folder, entry))];
}

/** What the packages export under the condition of the bundle, and the program itself. */
async function entryPoints(): Promise<{in: string; out: string}[]> {
	const entries = [toEntry('server/src/cli/main.js', 'server/bundle/main.js')];
	for (const folder of packages) {
		const {exports} = JSON.parse(await readFile(join(root, folder, 'package.json'), 'utf8')) as {
			readonly exports: Readonly<Record<string, Readonly<Record<string, string>>>>;
		};
		for (const {'@stowage/source': source, '@stowage/bundle': bundled} of Object.values(exports)) {
			if (source !== undefined && bundled !== undefined) {
				entries.push(toEntry(join(folder, source), join(folder, bundled)));
			}
		}
	}
	return entries;
}

/** Esbuild adds the ending itself. */
function toEntry(source: string, bundled: string): {in: string; out: string} {
	return {in: source, out: bundled.replace(/\.js$/, '')};
}

/** Whole at every moment for who reads it meanwhile. */
async function keep({path, contents}: OutputFile): Promise<void> {
	const unfinished = `${path}.${process.pid}`;
	await mkdir(dirname(path), {recursive: true});
	await writeFile(unfinished, contents);
	await rename(unfinished, path);
}

function foldersIn(folder: string): string[] {
	return readdirSync(join(root, folder)).map(name => join(folder, name));
}
