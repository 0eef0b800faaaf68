import {RegistryError, type RepositoryWriter, type WriteOptions} from '@stowage/core';
import type {ImageContext} from '../http-context.ts';

/** Throws `UNSUPPORTED` for a repository that nobody can push to. */
export function writerOf({repository}: ImageContext): RepositoryWriter {
	if (repository.writer === undefined) {
		const message =
			repository.readOnlyBecause ??
			`"${repository.key}" is a ${repository.type} repository: nothing can be pushed to it or deleted from it`;
		throw new RegistryError('UNSUPPORTED', message, {detail: {repository: repository.key, type: repository.type}});
	}
	return repository.writer;
}

export function writeOptions({caller, signal}: ImageContext): WriteOptions {
	return {caller, signal};
}
