import {
	type Logger,
	type PluginSet,
	Storage,
	type StorageDriver,
	type StorageObserver,
	unlessAborted,
} from '@stowage/core';
import type {Configuration} from '../config/configuration.ts';

interface OpenStorageParts {
	readonly configuration: Pick<Configuration, 'storages'>;
	readonly plugins: Pick<PluginSet, 'storageDrivers'>;
	readonly logger: Logger;
	readonly observe?: StorageObserver;
	/** Whether another storage is made of it, which then says what is redirected. */
	readonly inner?: boolean;
	/** Those that it is made of. */
	readonly others?: ReadonlyMap<string, Storage>;
}

/** A storage could not be opened. The message names it and says why. */
class OpenStorageError extends Error {
	readonly code = 'STORAGE_NOT_OPENED';

	constructor(name: string, cause: unknown) {
		super(`storage "${name}" cannot be opened: ${cause instanceof Error ? cause.message : String(cause)}`, {cause});
		this.name = 'OpenStorageError';
	}
}

/** How long a driver may take to open its backend, in milliseconds. */
const openWithinMs = 30_000;

/**
 * Opens a configured storage, and tries to sign an address where it is to redirect. Rejects with `OpenStorageError`, at
 * the latest when the time is over.
 */
export async function openStorage(name: string, parts: OpenStorageParts): Promise<Storage> {
	const {configuration, plugins, observe, others, inner = false} = parts;
	const logger = parts.logger.child({storage: name});
	const {driver: word, redirect = false, options} = configuration.storages[name] ?? {driver: '', options: {}};
	const type = plugins.storageDrivers.get(word);
	if (type === undefined) {
		throw new OpenStorageError(name, `no plugin offers a driver "${word}"`);
	}
	const signal = AbortSignal.timeout(openWithinMs);
	try {
		const driver = await unlessAborted(type.create(options, {name, logger, signal, storages: others}), signal);
		if (redirect) {
			await trySigning(driver, signal);
		}
		return new Storage(name, driver, {logger, observe, signedUrls: redirect || inner});
	} catch (error) {
		throw new OpenStorageError(name, error);
	}
}

/** Who may read and write may not sign for that: it shows here, and not to the first who pulls. */
async function trySigning(driver: StorageDriver, signal: AbortSignal): Promise<void> {
	try {
		if (driver.signedUrl === undefined) {
			throw new Error('the driver cannot sign addresses as it is configured');
		}
		await unlessAborted(driver.signedUrl('check', {expiresInSeconds: 60, signal}), signal);
	} catch (cause) {
		await driver.close();
		const message = cause instanceof Error ? cause.message : String(cause);
		throw new Error(`"redirect" is set, and no address can be signed: ${message}`, {cause});
	}
}
