import {mkdtemp, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {pathToFileURL} from 'node:url';
import test, {type ExecutionContext} from 'ava';
import {importPlugin} from './import-plugin.ts';

async function makePlugin(t: ExecutionContext, source: string) {
	const folder = await mkdtemp(join(tmpdir(), 'stowage-plugin-'));
	t.teardown(() => rm(folder, {recursive: true}));
	await writeFile(join(folder, 'plugin.mjs'), source);
	const load = async (name = './plugin.mjs', withinMs = 5000) => importPlugin(name, {folder, withinMs});
	return {folder, load};
}

const good = 'export default {name: "example", api: 1};';

test('a plugin is loaded by a path from the folder of the configuration', async t => {
	const {folder, load} = await makePlugin(t, good);
	t.is((await load()).name, 'example');
	t.is((await load(join(folder, 'plugin.mjs'))).name, 'example');
	t.is((await load(pathToFileURL(join(folder, 'plugin.mjs')).href)).name, 'example');
});

test('a plugin is loaded by the name of its package', async t => {
	const {load} = await makePlugin(t, good);
	t.is((await load('@stowage/local')).name, '@stowage/local');
});

const bad: readonly (readonly [title: string, source: string, message: RegExp])[] = [
	[
		'of a newer plugin API',
		'export default {name: "x", api: 2};',
		/is written for plugin API 2, and this server has 1; update the server/,
	],
	[
		'of an older plugin API',
		'export default {name: "x", api: 0};',
		/is written for plugin API 0, and this server has 1; install a newer/,
	],
	[
		'without a default export',
		'export const a = 1;',
		/is no plugin: its default export must be what definePlugin\(\) gives/,
	],
	['without a name', 'export default {api: 1};', /has no name/],
	['that throws', 'throw new Error("no licence");', /cannot be loaded: no licence/],
	['that is no JavaScript', 'export default {', /cannot be loaded: /],
	[
		'that needs what is not installed',
		'import "@stowage/nowhere";',
		/cannot be loaded: Cannot find package '@stowage\/nowhere'/,
	],
];

for (const [title, source, message] of bad) {
	test(`a plugin ${title} is refused by name`, async t => {
		const {load} = await makePlugin(t, source);
		const error = await t.throwsAsync(load(), {code: 'PLUGIN_LOAD_FAILED', message});
		t.regex(error?.message ?? '', /^plugin "\.\/plugin\.mjs" /);
	});
}

test('a package that is not installed is told with what to type', async t => {
	const {load} = await makePlugin(t, good);
	const message =
		'plugin "@stowage/nowhere" is not installed; run "npm install @stowage/nowhere" where the server is installed';
	await t.throwsAsync(load('@stowage/nowhere'), {code: 'PLUGIN_LOAD_FAILED', message});
});

test('a folder is told to be one', async t => {
	const {load} = await makePlugin(t, good);
	await t.throwsAsync(load('../'), {code: 'PLUGIN_LOAD_FAILED', message: /is a folder; name the module in it/});
});

test('a plugin whose modules never end loading is given up', async t => {
	const {load} = await makePlugin(t, 'await new Promise(resolve => setTimeout(resolve, 3000)); export default {};');
	await t.throwsAsync(load('./plugin.mjs', 50), {code: 'PLUGIN_LOAD_FAILED', message: /did not load within 0\.05 s/});
});
