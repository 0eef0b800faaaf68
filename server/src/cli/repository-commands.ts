import {type Json, type MetadataStore, type NewRepositoryDefinition, RepositoryAdministration} from '@stowage/core';
import {InvalidArgumentError} from 'commander';
import type {ReadConfiguration} from '../config/read-configuration.ts';
import {prepareDataFolder} from '../process/data-folder.ts';
import {openDatabase} from '../process/open-database.ts';
import {administer} from '../rest/repositories/administration-errors.ts';
import {describeRepository} from '../rest/repositories/describe-repository.ts';
import * as fields from '../rest/repositories/read-fields.ts';
import {restError} from '../rest/rest-error.ts';
import {printJson} from './access.ts';
import type {ConfigurationOptions} from './program.ts';
import {readCliConfiguration} from './read-cli-configuration.ts';
import {toTable} from './to-table.ts';

export interface RepositoryOptions extends ConfigurationOptions {
	readonly type?: string;
	readonly storage?: string;
	readonly description?: string;
	/** Each `name=value`. */
	readonly field?: readonly string[];
}

/** Prints a table of all repositories. */
export async function listRepositories(options: RepositoryOptions): Promise<void> {
	await withDefinitions(options, async ({metadata}) => {
		const rows = (await metadata.definitions.list()).map(({key, type, storage, description}) => [
			key,
			type,
			storage,
			description,
		]);
		process.stdout.write(toTable([['key', 'type', 'storage', 'description'], ...rows]));
	});
}

/** Prints as JSON what REST shows. */
export async function showRepository(key: string, options: RepositoryOptions): Promise<void> {
	await withDefinitions(options, async ({metadata, repositoryTypes, validator}) => {
		const definition = await metadata.definitions.find(key);
		if (definition === undefined) {
			throw restError(404, `there is no repository "${key}"`);
		}
		printJson(describeRepository(definition, {repositoryTypes, validator}));
	});
}

export async function addRepository(key: string, options: RepositoryOptions): Promise<void> {
	await withDefinitions(options, async ({administration, repositoryTypes, storages}) => {
		const given = {...fieldsOf(options), rclass: options.type ?? ''};
		const definition: NewRepositoryDefinition = fields.readNewRepository(key, given, {repositoryTypes, storages});
		await administer(async () => administration.create([definition]));
	});
}

export async function changeRepository(key: string, options: RepositoryOptions): Promise<void> {
	await withDefinitions(options, async ({administration, repositoryTypes}) => {
		const given = fieldsOf(options);
		const change = (current: Parameters<typeof fields.changeRepository>[0]) =>
			fields.changeRepository(current, given, {repositoryTypes});
		await administer(async () => administration.update(new Map([[key, change]])));
	});
}

export async function deleteRepository(key: string, options: RepositoryOptions): Promise<void> {
	await withDefinitions(options, async ({administration}) => {
		await administer(async () => administration.delete(key));
	});
}

interface Definitions {
	readonly metadata: MetadataStore;
	readonly administration: RepositoryAdministration;
	readonly repositoryTypes: ReadConfiguration['plugins']['repositoryTypes'];
	readonly validator: ReadConfiguration['validator'];
	/** By name. */
	readonly storages: ReadonlyMap<string, unknown>;
}

/** On the configured database, beside servers that may be running: they take up changes within a second. */
async function withDefinitions(
	options: ConfigurationOptions,
	work: (definitions: Definitions) => Promise<void>,
): Promise<void> {
	const {configuration, plugins, validator} = await readCliConfiguration(options);
	const {repositoryTypes} = plugins;
	const storages = new Map(Object.entries(configuration.storages));
	await prepareDataFolder(configuration);
	const metadata = await openDatabase(configuration.database);
	try {
		const administration = new RepositoryAdministration({
			metadata,
			types: repositoryTypes,
			completeOptions: (schema, given) => validator.complete(schema, given),
			storages,
			changed: async () => {},
		});
		await work({metadata, administration, repositoryTypes, validator, storages});
	} finally {
		await metadata.close();
	}
}

function fieldsOf({storage, description, field = []}: RepositoryOptions): Record<string, Json> {
	const given = field.map(text => {
		const equals = text.indexOf('=');
		if (equals < 1) {
			throw new InvalidArgumentError(`"${text}" is not of the form name=value.`);
		}
		return [text.slice(0, equals), toValue(text.slice(equals + 1))] as const;
	});
	return {
		...Object.fromEntries(given),
		...(storage !== undefined && {storage}),
		...(description !== undefined && {description}),
	};
}

/** What is no JSON is a text: nobody shall have to quote an address. */
function toValue(text: string): Json {
	try {
		return JSON.parse(text) as Json;
	} catch {
		return text;
	}
}
