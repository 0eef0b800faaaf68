import {Agent as HttpAgent} from 'node:http';
import {Agent as HttpsAgent} from 'node:https';
import {S3Client, type S3ClientConfig} from '@aws-sdk/client-s3';
import {NodeHttpHandler} from '@smithy/node-http-handler';
import type {S3Options} from './options.ts';

export interface Clients {
	readonly client: S3Client;
	/** Makes signed addresses and sends nothing. */
	readonly signer: S3Client;
	/** Ends all connections. */
	close(): void;
}

/** Connections that belong to one driver and end with it, and a time limit for every try. Nothing is sent yet. */
export function openClients(options: S3Options): Clients {
	const client = new S3Client(configurationOf(options, options.endpoint));
	const separate = options.publicEndpoint !== undefined;
	// Keys, roles and the region are found once, by the client that uses them all the time.
	const {credentials, region} = client.config;
	const signer = separate
		? new S3Client({...configurationOf(options, options.publicEndpoint), credentials, region})
		: client;
	return {
		client,
		signer,
		close() {
			client.destroy();
			if (separate) {
				signer.destroy();
			}
		},
	};
}

function configurationOf(options: S3Options, endpoint: string | undefined): S3ClientConfig {
	const {accessKeyId, secretAccessKey, sessionToken, profile} = options;
	const region = options.region ?? (endpoint === undefined ? undefined : 'us-east-1');
	return {
		...(region === undefined ? {} : {region}),
		...(endpoint === undefined ? {} : {endpoint}),
		...(profile === undefined ? {} : {profile}),
		...(accessKeyId !== undefined && secretAccessKey !== undefined
			? {credentials: {accessKeyId, secretAccessKey, ...(sessionToken === undefined ? {} : {sessionToken})}}
			: {}),
		forcePathStyle: options.pathStyle,
		maxAttempts: options.tries,
		retryMode: 'standard',
		// The signature covers the SHA-256 of every part already, and a registry checks digests: a CRC32 would find nothing
		// more, and many services that speak the protocol do not know it.
		requestChecksumCalculation: 'WHEN_REQUIRED',
		responseChecksumValidation: 'WHEN_REQUIRED',
		requestHandler: handlerOf(options),
		// The SDK would wait for an answer before every part, and some services give none.
		expectContinueHeader: false,
	};
}

function handlerOf({connections, timeoutSeconds}: S3Options): NodeHttpHandler {
	const settings = {keepAlive: true, noDelay: true, maxSockets: connections, keepAliveMsecs: 15_000};
	return new NodeHttpHandler({
		connectionTimeout: Math.min(timeoutSeconds, 5) * 1000,
		requestTimeout: timeoutSeconds * 1000,
		throwOnRequestTimeout: true,
		socketTimeout: timeoutSeconds * 1000,
		httpAgent: new HttpAgent(settings),
		httpsAgent: new HttpsAgent(settings),
	});
}
