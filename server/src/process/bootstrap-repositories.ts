import {ConflictError, type Json, type Logger, type MetadataStore} from '@stowage/core';
import {isInitialPassword} from '../auth/initial-password.ts';
import type {BootstrapRepository, Configuration} from '../config/configuration.ts';

interface BootstrapParts {
	readonly configuration: Pick<Configuration, 'bootstrap'>;
	readonly metadata: MetadataStore;
	readonly logger: Logger;
}

/** Makes the repositories of the configuration whose keys do not exist, as long as the administrator's password is the initial one. */
export async function bootstrapRepositories({configuration, metadata, logger}: BootstrapParts): Promise<void> {
	const wanted = Object.entries(configuration.bootstrap.repositories);
	if (wanted.length === 0 || !(await isInitialPassword(metadata))) {
		return;
	}
	for (const [key, repository] of wanted) {
		if (await insert(key, repository, metadata)) {
			logger.info({repository: key, type: repository.type, storage: repository.storage}, 'repository made');
		}
	}
}

/** False when there is one of this key, which another node may have made just now. */
async function insert(key: string, repository: BootstrapRepository, {definitions}: MetadataStore): Promise<boolean> {
	if ((await definitions.find(key)) !== undefined) {
		return false;
	}
	const options = repository.options as {readonly [name: string]: Json};
	try {
		await definitions.insert({...repository, key, options});
		return true;
	} catch (error) {
		if (error instanceof ConflictError) {
			return false;
		}
		throw error;
	}
}
