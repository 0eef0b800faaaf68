import {randomUUID} from 'node:crypto';
import type {Storage} from '@google-cloud/storage';
import {type Abortable, type DriverContext, unlessAborted} from '@stowage/core';
import {advice} from './advice.ts';
import {Bucket} from './bucket.ts';
import {GcsDriver} from './gcs-driver.ts';
import {authorize, canSign, openStorage} from './open-storage.ts';
import type {GcsOptions} from './options.ts';
import {Requests} from './requests.ts';
import {Signer} from './signer.ts';

/** Connects and tries to list, write and delete in the bucket. Rejects with what an operator has to do when that fails. */
export async function openDriver(options: GcsOptions, context: DriverContext): Promise<GcsDriver> {
	const {name, signal} = context;
	try {
		return await open(options, context);
	} catch (cause) {
		signal?.throwIfAborted();
		throw new Error(`storage "${name}": cannot use the bucket "${options.bucket}": ${advice(cause)}`, {cause});
	}
}

async function open(options: GcsOptions, {signal}: DriverContext): Promise<GcsDriver> {
	const storage = await openStorage(options);
	const bucket = new Bucket(requestsTo(storage.apiEndpoint, storage, options), options);
	const driver = new GcsDriver(bucket, options, await openSigner(storage, options, {signal}));
	try {
		await driver.check({signal});
		// No key has a `~`, so the probe is no object.
		const probe = `${options.prefix === '' ? '' : `${options.prefix}/`}probe-${randomUUID()}~`;
		await bucket.insert(probe, Buffer.alloc(0), {signal});
		await bucket.delete(probe, {signal});
		return driver;
	} catch (error) {
		await driver.close();
		throw error;
	}
}

/** Undefined when nobody is there to sign as. */
async function openSigner(storage: Storage, options: GcsOptions, {signal}: Abortable): Promise<Signer | undefined> {
	const {bucket, userProject} = options;
	if (!(await unlessAborted(canSign(storage, options), signal))) {
		return undefined;
	}
	const universe = await unlessAborted(storage.authClient.getUniverseDomain(), signal);
	const iam = requestsTo(`https://iamcredentials.${universe}`, storage, options);
	const timeout = options.timeoutSeconds * 1000;
	return new Signer(storage.authClient, iam, {endpoint: storage.apiEndpoint, bucket, userProject, timeout});
}

function requestsTo(endpoint: string, storage: Storage, {authenticate, timeoutSeconds, tries}: GcsOptions): Requests {
	return new Requests({
		endpoint,
		authorize: authenticate ? url => authorize(storage, url) : async () => ({}),
		timeout: timeoutSeconds * 1000,
		tries,
	});
}
