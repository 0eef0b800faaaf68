import {join, resolve} from 'node:path';
import {type ConfigurationDraft, isMapping} from './configuration-draft.ts';

interface CompletionOptions {
	/** Folder that relative paths in the file are from. */
	readonly folder: string;
	/** Folder that relative paths from elsewhere are from, and that holds `data` unless told otherwise. */
	readonly workingFolder: string;
	readonly environment: NodeJS.ProcessEnv;
	/** Of the command line. */
	readonly data?: string;
	readonly listen?: string;
}

/** Puts in what the command line and the environment say, and the defaults that depend on something else. */
export function completeConfiguration(draft: ConfigurationDraft, options: CompletionOptions): void {
	const {value} = draft;
	override(draft, 'listen', {'--listen': options.listen, STOWAGE_LISTEN: options.environment['STOWAGE_LISTEN']});
	writePluginsInFull(value);
	makeAbsolute(value, 'data', options.folder);
	override(draft, 'data', {'--data': options.data, STOWAGE_DATA: options.environment['STOWAGE_DATA']});
	value['data'] ??= 'data';
	makeAbsolute(value, 'data', options.workingFolder);
	for (const key of ['certificate', 'key']) {
		makeAbsolute(value['tls'], key, options.folder);
	}
	makeAbsolute(value['audit'], 'file', options.folder);
	makeAbsolute(value['accelRedirect'], 'folder', options.folder);
	if (isMapping(value['accelRedirect'])) {
		value['accelRedirect']['folder'] ??= join(String(value['data']), 'storage');
	}
	completeDatabase(value, options.folder);
	value['storages'] ??= {default: {driver: 'filesystem', options: {root: join(String(value['data']), 'storage')}}};
}

function override(draft: ConfigurationDraft, key: string, values: Readonly<Record<string, string | undefined>>): void {
	const given = Object.entries(values).find(([, value]) => value !== undefined && value !== '');
	if (given?.[1] !== undefined) {
		draft.override(key, given[1], given[0]);
	}
}

/** A plugin may be written as its name alone. */
function writePluginsInFull(value: Record<string, unknown>): void {
	const {plugins} = value;
	if (!Array.isArray(plugins)) {
		return;
	}
	value['plugins'] = plugins.map((plugin: unknown) => (typeof plugin === 'string' ? {name: plugin} : plugin));
}

function completeDatabase(value: Record<string, unknown>, folder: string): void {
	value['database'] ??= {};
	const database = value['database'];
	if (!isMapping(database)) {
		return;
	}
	database['client'] ??= 'sqlite';
	if (database['client'] !== 'sqlite') {
		return;
	}
	makeAbsolute(database, 'file', folder);
	database['file'] ??= join(String(value['data']), 'stowage.sqlite');
}

function makeAbsolute(holder: unknown, key: string, folder: string): void {
	if (!isMapping(holder)) {
		return;
	}
	const path = holder[key];
	if (typeof path === 'string' && path !== '') {
		holder[key] = resolve(folder, path);
	}
}
