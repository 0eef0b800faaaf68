import {readFile} from 'node:fs/promises';
import {dirname, resolve} from 'node:path';
import {OptionsValidator, type Plugin, PluginSet} from '@stowage/core';
import {importPlugin} from '../plugins/import-plugin.ts';
import {PluginLoadError} from '../plugins/plugin-load-error.ts';
import {checkMeaning} from './check-meaning.ts';
import {checkOffers} from './check-offers.ts';
import {checkTlsFiles} from './check-tls-files.ts';
import {completeBootstrap} from './complete-bootstrap.ts';
import {completeConfiguration} from './complete-configuration.ts';
import {ConfigError} from './config-error.ts';
import type {Configuration} from './configuration.ts';
import {ConfigurationDocument} from './configuration-document.ts';
import {ConfigurationDraft} from './configuration-draft.ts';
import {configurationSchema} from './configuration-schema.ts';

export interface ConfigurationRequest {
	/** Path of the YAML file. Without it everything has its default. */
	readonly file?: string;
	/** Values of command line options; they win over environment variables, and those over the file. */
	readonly data?: string;
	readonly listen?: string;
	readonly environment: NodeJS.ProcessEnv;
	/** What relative paths on the command line are from. */
	readonly workingFolder: string;
	/** Whether it is for a server, so that what only a server reads must be there as well: certificates. */
	readonly serving?: boolean;
	/** How long the modules of one plugin may take to load; 30,000 unless told. */
	readonly pluginLoadMs?: number;
}

export interface ReadConfiguration {
	readonly configuration: Configuration;
	/** Those that the configuration names, not set up yet. */
	readonly plugins: PluginSet;
	/** Knows the schemas of all that plugins offer. */
	readonly validator: OptionsValidator;
}

/** Reads and checks the configuration and loads the plugins it names. Rejects with one `ConfigError` that holds all problems. */
export async function readConfiguration(request: ConfigurationRequest): Promise<ReadConfiguration> {
	const {workingFolder, pluginLoadMs = 30_000} = request;
	const path = request.file ?? request.environment['STOWAGE_CONFIG'];
	const file = path === undefined || path === '' ? undefined : resolve(workingFolder, path);
	const folder = file === undefined ? workingFolder : dirname(file);
	const validator = new OptionsValidator();
	const draft = new ConfigurationDraft(await readDocument(file, request.environment), validator);
	completeConfiguration(draft, {...request, folder});
	draft.check([], configurationSchema);
	const imported = await importAll(draft, {folder, withinMs: pluginLoadMs});
	completeBootstrap(draft, imported);
	checkMeaning(draft);
	checkOffers(draft, imported);
	if (request.serving === true) {
		await checkTlsFiles(draft);
	}
	throwProblems(draft);
	const configuration = draft.value as unknown as Configuration;
	const plugins = makePluginSet(draft, imported, validator);
	return {configuration: deepFreeze(configuration), plugins, validator};
}

function throwProblems({problems}: ConfigurationDraft): void {
	if (problems.length > 0) {
		throw new ConfigError(problems);
	}
}

/** The last check of plugins: whether they go together. Each of them, and its options, has been found good. */
function makePluginSet(
	draft: ConfigurationDraft,
	imported: readonly (Plugin | undefined)[],
	validator: OptionsValidator,
): PluginSet {
	const {plugins: configured} = draft.value as unknown as Configuration;
	const named = configured.map(({name, options}, index) => ({named: name, exported: imported[index], options}));
	const {plugins, problems = []} = PluginSet.check(named, validator);
	for (const {plugin, message} of problems) {
		const index = imported.findLastIndex((one, at) => one?.name === plugin || named[at]?.named === plugin);
		draft.add(['plugins', index, 'name'], `plugin "${plugin}" ${message}`);
	}
	throwProblems(draft);
	return plugins as PluginSet;
}

async function readDocument(
	file: string | undefined,
	environment: NodeJS.ProcessEnv,
): Promise<ConfigurationDocument | undefined> {
	if (file === undefined) {
		return undefined;
	}
	const text = await readFile(file, 'utf8').catch((error: unknown) => {
		throw new ConfigError([{source: file, message: `cannot be read: ${(error as Error).message}`}], {cause: error});
	});
	return ConfigurationDocument.parse(file, text, environment);
}

async function importAll(
	draft: ConfigurationDraft,
	options: {readonly folder: string; readonly withinMs: number},
): Promise<(Plugin | undefined)[]> {
	const {plugins} = draft.value;
	const list: unknown[] = Array.isArray(plugins) ? plugins : [];
	return Promise.all(
		list.map(async (_plugin, index) => {
			const name = draft.mapping(['plugins', index])?.['name'];
			if (typeof name !== 'string') {
				return undefined;
			}
			try {
				return await importPlugin(name, options);
			} catch (error) {
				if (!(error instanceof PluginLoadError)) {
					throw error;
				}
				draft.add(['plugins', index, 'name'], error.message);
				return undefined;
			}
		}),
	);
}

function deepFreeze<Value>(value: Value): Value {
	if (typeof value === 'object' && value !== null) {
		for (const inner of Object.values(value)) {
			deepFreeze(inner);
		}
		Object.freeze(value);
	}
	return value;
}
