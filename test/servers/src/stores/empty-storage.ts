import {OptionsValidator, type Plugin} from '@stowage/core';
import type {TransferStorage} from './measure-transfer.ts';

const silent = {debug() {}, info() {}, warn() {}, error() {}, child: () => silent};

/** Deletes all objects of a storage, whose bucket is not the tests' own. */
export async function emptyStorage({plugin, options}: TransferStorage): Promise<void> {
	const {default: found} = (await import(plugin)) as {readonly default: Plugin};
	const type = found.storageDrivers?.[0];
	if (type === undefined) {
		throw new Error(`${plugin} has no storage driver`);
	}
	const complete = new OptionsValidator().complete(type.options, options);
	const driver = await type.create(complete, {name: 'tests', logger: silent});
	try {
		for await (const {key} of driver.list('')) {
			await driver.delete(key);
		}
	} finally {
		await driver.close();
	}
}
