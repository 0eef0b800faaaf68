import {globSync} from 'node:fs';
import {readFile} from 'node:fs/promises';
import {dirname, join, posix} from 'node:path';
import {fileURLToPath} from 'node:url';
import test from 'ava';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Folders of the core, low to high: a file imports from its own folder and from those before it. */
const layers = [
	'types',
	'oci',
	'outbound',
	'storage',
	'access',
	'authenticators',
	'events',
	'metadata',
	'jobs',
	'audit',
	'blobs',
	'repositories',
	'plugins',
] as const satisfies readonly string[];

const core = ['@stowage/core', '@stowage/core/metadata', '@stowage/core/outbound'];
const httpLibraries = /^(?:koa(?:-.*)?|@koa\/.*|express|fastify)$/;

/** What a source file of a package may import of ours. */
const ours: readonly (readonly [folder: RegExp, allowed: readonly string[]])[] = [
	[/^core\//, []],
	[/^drivers\/[^/]+\//, ['@stowage/core']],
	[/^plugins\/[^/]+\//, ['@stowage/core', '@stowage/core/outbound']],
	[/^server\//, core],
	// A test host has one repository, and that has to be of some type.
	[/^test\/kit\//, [...core, '@stowage/local']],
];

const sources = globSync(['{core,server,test/kit}/src/**/*.ts', '{drivers,plugins}/*/src/**/*.ts'], {cwd: root});
/** Tests, and the fixtures they share, may put together what they like. */
const checked = sources.filter(file => !/\.test\.ts$|\/fixtures\//.test(file)).toSorted();

test('no source imports up or sideways', async t => {
	t.true(checked.length > 60, `only ${checked.length} sources were found`);
	for (const folder of ['core/src/', 'server/src/', 'drivers/filesystem/', 'plugins/local/', 'test/kit/']) {
		t.true(
			checked.some(file => file.startsWith(folder)),
			`no source in ${folder}`,
		);
	}
	const problems = await Promise.all(
		checked.map(async file => problemsOf(file, await readFile(join(root, file), 'utf8'))),
	);
	t.deepEqual(problems.flat(), []);
});

test('every folder of the core has a place in the order', t => {
	const folders = checked.map(file => /^core\/src\/([^/]+)\//.exec(file)?.[1]).filter(folder => folder !== undefined);
	t.deepEqual([...new Set(folders)].filter(folder => layerOf(`core/src/${folder}/x.ts`) < 0).toSorted(), []);
});

const wrong: readonly (readonly [file: string, text: string])[] = [
	['core/src/types/a.ts', `import {b} from '../oci/b.ts';`],
	['core/src/oci/a.ts', `import type {Storage} from '../storage/storage.ts';`],
	['core/src/outbound/a.ts', `import {b} from '../storage/b.ts';`],
	['core/src/storage/a.ts', `export * from '../metadata/index.ts';`],
	['core/src/metadata/knex/a.ts', `import {\n\tb,\n\ttype C,\n} from '../../repositories/b.ts';`],
	['core/src/blobs/a.ts', `const b = await import('../plugins/b.ts');`],
	['core/src/jobs/a.ts', `import '../blobs/b.ts';`],
	['core/src/storage/a.ts', `import {b} from '../index.ts';`],
	['core/src/blobs/a.ts', `import Koa from 'koa';`],
	['core/src/blobs/a.ts', `import Router from '@koa/router';`],
	['core/src/blobs/a.ts', `import {b} from '@stowage/server';`],
	['core/src/blobs/a.ts', `import {b} from '../../../server/src/b.ts';`],
	['drivers/azure/src/a.ts', `import {b} from '@stowage/filesystem';`],
	['drivers/azure/src/a.ts', `import {b} from '@stowage/core/metadata';`],
	['drivers/azure/src/a.ts', `import {b} from '../../filesystem/src/b.ts';`],
	['drivers/azure/src/a.ts', `import {b} from '@stowage/testing';`],
	['plugins/local/src/a.ts', `import type {B} from '@stowage/server';`],
	['drivers/azure/src/a.ts', `import {b} from '@stowage/core/outbound';`],
	['plugins/local/src/a.ts', `import {b} from '../../../core/src/blobs/b.ts';`],
	['server/src/http/a.ts', `import local from '@stowage/local';`],
	['server/src/http/a.ts', `const driver = await import("@stowage/filesystem");`],
	['server/src/http/a.ts', `import {b} from '../../../core/src/blobs/b.ts';`],
	['test/kit/src/a.ts', `import files from '@stowage/filesystem';`],
];

for (const [file, text] of wrong) {
	test(`refused in ${file}: ${text.replaceAll(/\s+/g, ' ')}`, t => {
		t.is(problemsOf(file, text).length, 1);
	});
}

const right: readonly (readonly [file: string, text: string])[] = [
	['core/src/index.ts', `export * from './plugins/plugin.ts';`],
	['core/src/plugins/a.ts', `import {b} from '../types/b.ts';\nimport {c} from './c.ts';`],
	['core/src/metadata/knex/a.ts', `import {b} from '../b.ts';\nimport knex from 'knex';`],
	['core/src/oci/a.ts', `import {createHash} from 'node:crypto';`],
	['drivers/azure/src/a.ts', `import {b} from '@stowage/core';\nimport {c} from '@azure/storage-blob';`],
	['server/src/http/a.ts', `import Koa from 'koa';\nimport {b} from '@stowage/core/metadata';`],
	['server/src/plugins/a.ts', `const plugin = await import(name);`],
	['server/src/config/a.ts', `const names = ['@stowage/filesystem', '@stowage/local'];`],
];

for (const [file, text] of right) {
	test(`allowed in ${file}: ${text.replaceAll(/\s+/g, ' ')}`, t => {
		t.deepEqual(problemsOf(file, text), []);
	});
}

/** Every import of a source file that points where it may not. */
function problemsOf(file: string, text: string): readonly string[] {
	return importsOf(text)
		.map(specifier => ({specifier, reason: reasonAgainst(file, specifier)}))
		.filter(({reason}) => reason !== undefined)
		.map(({specifier, reason}) => `${file} imports ${specifier}: ${reason}`);
}

function importsOf(text: string): readonly string[] {
	const forms = [/^(?:import|export)\b[^'"`;]*?\bfrom\s*['"]([^'"]+)['"]/gm, /\bimport\s*\(?\s*['"]([^'"]+)['"]/g];
	return forms.flatMap(form => [...text.matchAll(form)].map(match => match[1] ?? ''));
}

function reasonAgainst(file: string, specifier: string): string | undefined {
	if (specifier.startsWith('.')) {
		return reasonAgainstPath(file, posix.join(dirname(file), specifier));
	}
	if (file.startsWith('core/') && httpLibraries.test(specifier)) {
		return 'the core knows no HTTP';
	}
	const allowed = ours.find(([folder]) => folder.test(file))?.[1] ?? [];
	return specifier.startsWith('@stowage/') && !allowed.includes(specifier)
		? 'this package may not know that one'
		: undefined;
}

function reasonAgainstPath(file: string, target: string): string | undefined {
	const folder = ours.map(([pattern]) => pattern.exec(file)?.[0]).find(found => found !== undefined) ?? '';
	if (!target.startsWith(folder)) {
		return 'it is another package, to be imported by name';
	}
	const [own, other] = [layerOf(file), layerOf(target)];
	if (folder !== 'core/' || own === layers.length) {
		return undefined;
	}
	return other <= own ? undefined : 'the layer is higher than its own';
}

/** Files directly in the folder of the core are above all layers; a folder without a place is below none. */
function layerOf(file: string): number {
	const folder = /^core\/src\/([^/]+)\//.exec(file)?.[1];
	return folder === undefined ? layers.length : (layers as readonly string[]).indexOf(folder);
}
