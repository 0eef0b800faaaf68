import type {Logger, MetadataStore, OptionsValidator, PluginSet} from '@stowage/core';
import {type InitialAdmin, prepareInitialAdmin} from '../auth/initial-admin.ts';
import type {Configuration} from '../config/configuration.ts';
import {bootstrapRepositories} from './bootstrap-repositories.ts';

interface PrepareParts {
	readonly configuration: Configuration;
	readonly plugins: Pick<PluginSet, 'repositoryTypes'>;
	readonly validator: OptionsValidator;
	readonly metadata: MetadataStore;
	readonly logger: Logger;
	/** For the administrator, if this is the first start. */
	readonly adminPassword?: string;
}

/** What the person who starts the server is told. */
export interface PreparedRegistry {
	readonly admin: InitialAdmin;
	/** Key of a repository to push to. */
	readonly repository?: string;
}

/** What a start does once, however many processes serve: the administrator, and the repositories of the configuration. */
export async function prepareRegistry(parts: PrepareParts): Promise<PreparedRegistry> {
	const {configuration, plugins, validator, metadata, adminPassword} = parts;
	const admin = await prepareInitialAdmin({metadata, data: configuration.data, password: adminPassword});
	await bootstrapRepositories({
		...parts,
		types: plugins.repositoryTypes,
		completeOptions: (schema, options) => validator.complete(schema, options),
	});
	const definitions = await metadata.definitions.list();
	const repository = definitions.find(({type}) => type === 'local') ?? definitions[0];
	return {admin, repository: repository?.key};
}
