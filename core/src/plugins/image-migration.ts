import type {MetadataStore} from '../metadata/metadata-store.ts';
import {RegistryError} from '../oci/registry-error.ts';
import {findPromotionEnd} from '../repositories/promotion/promotion-end.ts';
import type {Repositories} from '../repositories/repositories.ts';
import type {Repository} from '../repositories/repository.ts';
import type {MigrationReport, MigrationRequest} from './migration-type.ts';

/** A migration of a plugin, with the plugin's options. */
export type Migrate = (request: MigrationRequest) => Promise<MigrationReport>;

export interface ImageMigrationParts {
	readonly repositories: Repositories;
	readonly metadata: MetadataStore;
	/** By type. */
	readonly migrations: ReadonlyMap<string, Migrate>;
}

export interface MigrationEnds {
	/** Key of a repository, or a folder of this machine. */
	readonly from: {readonly repository: string} | {readonly folder: string};
	/** Key of a repository; of one made of others, that which takes what is pushed is meant. */
	readonly to: string;
}

/** Everything of a request but the repositories themselves. */
export type MigrateImagesOptions = Omit<MigrationRequest, 'source' | 'target' | 'values'>;

/** Brings images of a form of the past to a repository, by the plugin that knows the form. */
export class ImageMigration {
	readonly #parts: ImageMigrationParts;

	constructor(parts: ImageMigrationParts) {
		this.#parts = parts;
	}

	/** Rejects with `RegistryError`. What is only wrong with some images is in the report. */
	async migrate(type: string, {from, to}: MigrationEnds, options: MigrateImagesOptions): Promise<MigrationReport> {
		const {migrations, repositories, metadata} = this.#parts;
		const {demand} = options;
		if ('repository' in from) {
			demand('read', from.repository);
		}
		demand('write', to);
		const migrate = migrations.get(type);
		if (migrate === undefined) {
			throw new RegistryError('UNSUPPORTED', `no plugin of this server migrates ${type}`, {status: 400});
		}
		const source = 'folder' in from ? from : {repository: await this.#get(from.repository)};
		const end = await findPromotionEnd({repositories, metadata}, to);
		demand('write', end.key);
		const target = await this.#get(end.key);
		return migrate({...options, source, target, values: metadata.repository(end.id)});
	}

	async #get(key: string): Promise<Repository> {
		const repository = await this.#parts.repositories.get(key);
		if (repository === undefined) {
			throw new RegistryError('NAME_UNKNOWN', `there is no repository "${key}"`, {detail: {name: key}});
		}
		return repository;
	}
}
