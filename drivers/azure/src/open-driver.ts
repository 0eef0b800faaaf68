import {randomUUID} from 'node:crypto';
import type {ContainerClient} from '@azure/storage-blob';
import type {Abortable, DriverContext} from '@stowage/core';
import {advice} from './advice.ts';
import {AzureDriver} from './azure-driver.ts';
import {openAccount} from './open-account.ts';
import type {AzureOptions} from './options.ts';

/**
 * Connects and tries to list, write and delete in the container. Rejects with what an operator has to do when that fails.
 */
export async function openDriver(options: AzureOptions, {name, signal}: DriverContext): Promise<AzureDriver> {
	const trouble = (cause: unknown) =>
		new Error(`storage "${name}": cannot use the container "${options.container}": ${advice(cause)}`, {cause});
	const account = await openAccount(options).catch(cause => {
		throw trouble(cause);
	});
	const driver = new AzureDriver(account, options);
	try {
		await driver.check({signal});
		await probe(account.service.getContainerClient(options.container), options, {signal});
		return driver;
	} catch (cause) {
		await driver.close();
		signal?.throwIfAborted();
		throw trouble(cause);
	}
}

/** No key has a `~`, so the probe is no object. */
async function probe(
	container: ContainerClient,
	{prefix, encryptionScope}: AzureOptions,
	{signal}: Abortable,
): Promise<void> {
	const blob = container.getBlockBlobClient(`${prefix === '' ? '' : `${prefix}/`}probe-${randomUUID()}~`);
	await blob.upload('', 0, {abortSignal: signal, encryptionScope});
	await blob.delete({abortSignal: signal});
}
