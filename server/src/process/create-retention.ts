import {
	type EventBus,
	ImageRemoval,
	type Logger,
	type MetadataStore,
	type OptionsValidator,
	type RepositoryType,
	Retention,
	type RetentionRule,
	type Storage,
	retentionRules,
} from '@stowage/core';
import {Type} from 'typebox';
import type {Configuration} from '../config/configuration.ts';

export interface RetentionSurroundings {
	readonly configuration: Pick<Configuration, 'retention'>;
	readonly metadata: MetadataStore;
	readonly storages: ReadonlyMap<string, Storage>;
	readonly repositoryTypes: ReadonlyMap<string, RepositoryType>;
	readonly validator: OptionsValidator;
	readonly events: EventBus;
	readonly logger: Logger;
}

/** The setting with the rules for all repositories that are changed while the server runs. */
const settingName = 'retention';

const setting = {...Type.Object({rules: retentionRules})};

/** Retention by the rules of the configuration file, those that were set since, and those of the repositories. */
export function createRetention(parts: RetentionSurroundings): Retention {
	const {configuration, metadata, storages, repositoryTypes, validator, events, logger} = parts;
	const {rules, removalsPerSecond} = configuration.retention;
	return new Retention({
		metadata,
		storages,
		types: repositoryTypes,
		completeOptions: (schema, options) => validator.complete(schema, options),
		removal: new ImageRemoval({metadata, events}),
		logger,
		commonRules: async () => [...rules, ...(await findRetentionRules(parts))],
		removalsPerSecond,
	});
}

/** The rules for all repositories that were set while a server ran. */
export async function findRetentionRules({
	metadata,
	validator,
}: Pick<RetentionSurroundings, 'metadata' | 'validator'>): Promise<readonly RetentionRule[]> {
	const value = (await metadata.settings.find(settingName)) ?? {rules: []};
	return (validator.complete(setting, value as object) as {readonly rules: readonly RetentionRule[]}).rules;
}

export async function setRetentionRules(metadata: MetadataStore, rules: readonly RetentionRule[]): Promise<void> {
	await metadata.settings.set(settingName, {rules: rules.map(rule => ({...rule}))});
}
