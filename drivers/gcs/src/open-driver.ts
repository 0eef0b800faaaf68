import {randomUUID} from 'node:crypto';
import type {Storage} from '@google-cloud/storage';
import type {DriverContext, SignedUrlOptions} from '@stowage/core';
import {advice} from './advice.ts';
import {Bucket} from './bucket.ts';
import {GcsDriver, type SignUrl} from './gcs-driver.ts';
import {authorize, canSign, openStorage} from './open-storage.ts';
import type {GcsOptions} from './options.ts';
import {Requests} from './requests.ts';

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
	const signUrl = (await canSign(storage, options)) ? signerOf(storage, options) : undefined;
	const requests = new Requests({
		endpoint: storage.apiEndpoint,
		authorize: options.authenticate ? url => authorize(storage, url) : async () => ({}),
		timeout: options.timeoutSeconds * 1000,
		tries: options.tries,
	});
	const bucket = new Bucket(requests, options);
	const driver = new GcsDriver(bucket, options, signUrl);
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

function signerOf(storage: Storage, {bucket, userProject}: GcsOptions): SignUrl {
	return async (name: string, {expiresInSeconds, contentType}: SignedUrlOptions) => {
		const [url] = await storage
			.bucket(bucket)
			.file(name)
			.getSignedUrl({
				version: 'v4',
				action: 'read',
				expires: Date.now() + expiresInSeconds * 1000,
				responseType: contentType,
				...(userProject === undefined ? {} : {queryParams: {userProject}}),
			});
		return new URL(url);
	};
}
