import type {Logger, MetadataStore, OptionsValidator, PluginSet} from '@stowage/core';
import {openAuditLog} from '../audit/open-audit-log.ts';
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
	const first = (await metadata.users.list({limit: 1})).items.length === 0;
	const admin = await prepareInitialAdmin({metadata, data: configuration.data, password: adminPassword});
	const made = await bootstrapRepositories({
		...parts,
		types: plugins.repositoryTypes,
		completeOptions: (schema, options) => validator.complete(schema, options),
	});
	await auditStart(parts, [
		...(first ? [['user.add', admin.name] as const] : []),
		...made.map(key => ['repository.add', key] as const),
	]);
	const definitions = await metadata.definitions.list();
	const repository = definitions.find(({type}) => type === 'local') ?? definitions[0];
	return {admin, repository: repository?.key};
}

/** What a first start makes is in the audit log like what anybody makes later. */
async function auditStart(
	parts: PrepareParts,
	made: readonly (readonly [action: string, target: string])[],
): Promise<void> {
	const audit = openAuditLog(parts);
	for (const [action, target] of made) {
		await audit.log.add({user: 'start', action, target, address: 'local'}, 201);
	}
	await audit.close();
}
