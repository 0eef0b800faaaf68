import {type MigrationReport, type MigrationRequest, type MigrationType, RegistryError} from '@stowage/core';
import pLimit, {type LimitFunction} from 'p-limit';
import {FolderSource} from './folder-source.ts';
import {targetName} from './image-names.ts';
import {migrateImages} from './migrate-images.ts';
import type {MigrationOptions} from './migration-options.ts';
import {RepositorySource} from './repository-source.ts';
import type {V1Source} from './v1-source.ts';

interface Options {
	readonly migration: MigrationOptions;
}

/** From Docker's first API: a local repository with `dockerApiVersion: V1`, or the folder of the first docker-registry. */
export class V1Migration implements MigrationType<Options> {
	readonly type = 'v1';
	/** By the options of each server: all of its migrations share the one. */
	readonly #limits = new WeakMap<MigrationOptions, LimitFunction>();

	async migrate(request: MigrationRequest, {migration}: Options): Promise<MigrationReport> {
		const {form, maxLayerBytes, maxExpansion} = migration;
		const {image, demand, target} = request;
		const name = image === undefined ? undefined : targetName(image);
		if (image !== undefined && name === undefined) {
			throw new RegistryError('NAME_INVALID', 'invalid image name', {detail: {name: image.slice(0, 255)}});
		}
		if (name !== undefined) {
			demand('write', target.key, name);
		}
		const source = await openSource(request);
		const limit = this.#limitOf(migration);
		return migrateImages(source, request, {form, limit, limits: {maxLayerBytes, maxExpansion}});
	}

	#limitOf(options: MigrationOptions): LimitFunction {
		const limit = this.#limits.get(options) ?? pLimit(options.parallel);
		this.#limits.set(options, limit);
		return limit;
	}
}

async function openSource({source, caller}: MigrationRequest): Promise<V1Source> {
	if ('folder' in source) {
		return FolderSource.open(source.folder);
	}
	const {key, v1} = source.repository;
	if (v1 === undefined) {
		const message = `"${key}" has no images of Docker's first API: its dockerApiVersion is not V1`;
		throw new RegistryError('UNSUPPORTED', message, {status: 400});
	}
	return new RepositorySource(key, v1, caller);
}
