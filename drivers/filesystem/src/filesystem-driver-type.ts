import type {StorageDriverType} from '@stowage/core';
import {FilesystemDriver} from './filesystem-driver.ts';
import {openRoot} from './open-root.ts';
import {type FilesystemOptions, filesystemOptions} from './options.ts';

/** Keeps each object as a file below one folder. */
export const filesystemDriver: StorageDriverType<FilesystemOptions> = {
	type: 'filesystem',
	options: {...filesystemOptions},
	async create(options, {name}) {
		return new FilesystemDriver(await openRoot(options, name), options);
	},
};
