import {generateKeyPairSync} from 'node:crypto';
import {mkdtemp, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {
	azuriteAddress,
	createAzureContainer,
	createGcsBucket,
	createS3Bucket,
	startAzurite,
	startFakeGcs,
	startMoto,
} from '@stowage/test-servers';
import {SftpServer} from '@stowage/test-servers/sftp';

/** A started store, and what the configuration of a registry says to use it. */
export interface RemoteStore {
	readonly plugins: readonly string[];
	readonly driver: string;
	readonly options: object;
	/** Storages that it is made of. */
	readonly parts?: Readonly<Record<string, object>>;
	/** Where signed addresses lead; undefined when there are none. */
	readonly origin?: string;
	close(): Promise<void>;
}

/** How each kind of store is started, by its driver. */
export const remoteStores: Readonly<Record<string, () => Promise<RemoteStore>>> = {
	async s3() {
		const moto = await startMoto();
		const options = await createS3Bucket(moto.url);
		return {plugins: ['@stowage/s3'], driver: 's3', options, origin: moto.url, close: () => moto.stop()};
	},
	async azure() {
		const azurite = await startAzurite();
		const {container, endpoint, account, accountKey} = await createAzureContainer(azuriteAddress(azurite.url));
		return {
			plugins: ['@stowage/azure'],
			driver: 'azure',
			options: {container, endpoint, account, accountKey},
			origin: new URL(azurite.url).origin,
			close: () => azurite.stop(),
		};
	},
	async gcs() {
		const emulator = await startFakeGcs();
		const {privateKey} = generateKeyPairSync('rsa', {modulusLength: 2048});
		const credentials = {
			client_email: 'tests@example.invalid',
			private_key: privateKey.export({type: 'pkcs8', format: 'pem'}).toString(),
		};
		return {
			plugins: ['@stowage/gcs'],
			driver: 'gcs',
			options: {credentials, ...(await createGcsBucket(emulator.url))},
			origin: emulator.url,
			close: () => emulator.stop(),
		};
	},
	async sftp() {
		const server = await SftpServer.start();
		return {
			plugins: ['@stowage/sftp'],
			driver: 'sftp',
			options: server.storageOptions(),
			close: () => server.close(),
		};
	},
	async tiered() {
		const moto = await startMoto();
		const bucket = {driver: 's3', options: await createS3Bucket(moto.url)};
		const root = await mkdtemp(join(tmpdir(), 'stowage-cache-'));
		return {
			plugins: ['@stowage/s3', '@stowage/filesystem', '@stowage/tiered'],
			driver: 'tiered',
			options: {storage: 'bucket', cache: 'disk', maxMebibytes: 16},
			parts: {bucket, disk: {driver: 'filesystem', options: {root}}},
			origin: moto.url,
			close: async () => {
				await moto.stop();
				await rm(root, {recursive: true});
			},
		};
	},
};
