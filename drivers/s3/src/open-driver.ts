import {randomUUID} from 'node:crypto';
import type {Abortable, DriverContext} from '@stowage/core';
import {advice} from './advice.ts';
import {Bucket} from './bucket.ts';
import {openClients} from './open-client.ts';
import type {S3Options} from './options.ts';
import {S3Driver} from './s3-driver.ts';

/** Connects and tries to list, write and delete in the bucket. Rejects with what an operator has to do when that fails. */
export async function openDriver(options: S3Options, {name, signal}: DriverContext): Promise<S3Driver> {
	const clients = openClients(options);
	const driver = new S3Driver(clients, options);
	try {
		await driver.check({signal});
		await probe(new Bucket(clients.client, options), {signal});
		return driver;
	} catch (cause) {
		await driver.close();
		signal?.throwIfAborted();
		throw new Error(`storage "${name}": cannot use the bucket "${options.bucket}": ${advice(cause)}`, {cause});
	}
}

/** No key has a `~`, so the probe is no object. */
async function probe(bucket: Bucket, {signal}: Abortable): Promise<void> {
	const key = `probe-${randomUUID()}~`;
	await bucket.put(key, Buffer.alloc(0), {signal});
	await bucket.delete(key, {signal});
}
