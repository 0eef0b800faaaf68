import {stat} from 'node:fs/promises';
import {isAbsolute, resolve} from 'node:path';
import {setTimeout as wait} from 'node:timers/promises';
import {fileURLToPath, pathToFileURL} from 'node:url';
import {checkPlugin, type Plugin} from '@stowage/core';
import {PluginLoadError} from './plugin-load-error.ts';

interface ImportPluginOptions {
	/** Folder that relative paths are from. */
	readonly folder: string;
	/** How long its modules may take to load, in milliseconds. */
	readonly withinMs: number;
}

/**
 * Loads what `name` says, a package installed beside the server or the path of a module, and gives its default export.
 * The only place that loads code. Rejects with `PluginLoadError`.
 */
export async function importPlugin(name: string, {folder, withinMs}: ImportPluginOptions): Promise<Plugin> {
	const path = toPath(name, folder);
	if (path !== undefined) {
		await checkFile(name, path);
	}
	const module = await importWithin(name, path === undefined ? name : pathToFileURL(path).href, withinMs);
	const {plugin, problem} = checkPlugin((module as {default?: unknown}).default);
	if (plugin === undefined) {
		throw new PluginLoadError(name, problem);
	}
	return plugin;
}

function toPath(name: string, folder: string): string | undefined {
	if (name.startsWith('file:')) {
		return fileURLToPath(name);
	}
	return name.startsWith('./') || name.startsWith('../') || isAbsolute(name) ? resolve(folder, name) : undefined;
}

async function checkFile(name: string, path: string): Promise<void> {
	const found = await stat(path).catch(() => undefined);
	if (found === undefined) {
		throw new PluginLoadError(name, `is not there: no file ${path}`);
	}
	if (found.isDirectory()) {
		throw new PluginLoadError(name, 'is a folder; name the module in it, such as "./plugin/index.js"');
	}
}

async function importWithin(name: string, specifier: string, withinMs: number): Promise<unknown> {
	const done = new AbortController();
	const late = wait(withinMs, undefined, {signal: done.signal}).then(() => {
		throw new PluginLoadError(
			name,
			`did not load within ${withinMs / 1000} s; look for an await at the top of its modules`,
		);
	});
	try {
		return await Promise.race([import(specifier), late]);
	} catch (error) {
		throw error instanceof PluginLoadError ? error : toLoadError(name, specifier, error);
	} finally {
		done.abort();
		late.catch(() => undefined);
	}
}

function toLoadError(name: string, specifier: string, error: unknown): PluginLoadError {
	const {code, message} = error as NodeJS.ErrnoException;
	const missing = code === 'ERR_MODULE_NOT_FOUND' && message.includes(`'${specifier}'`);
	return missing
		? new PluginLoadError(name, `is not installed; run "npm install ${name}" where the server is installed`, {
				cause: error,
			})
		: new PluginLoadError(name, `cannot be loaded: ${message ?? String(error)}`, {cause: error});
}
