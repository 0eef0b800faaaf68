import {generateKeyPairSync} from 'node:crypto';
import {mkdtemp, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {
	type S3Bucket,
	azuriteAddress,
	createAzureContainer,
	createGcsBucket,
	createS3Bucket,
	emptyStorage,
	findAzureAccount,
	findGcsBucket,
	findS3Bucket,
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
	/** Removes what the registry has left there. */
	close(): Promise<void>;
}

/** How each kind of store is started, by its driver. Real accounts take the place of emulators when the environment names them. */
export const remoteStores: Readonly<Record<string, () => Promise<RemoteStore>>> = {
	async s3() {
		return {plugins: ['@stowage/s3'], driver: 's3', ...(await openS3Bucket())};
	},
	async azure() {
		const real = findAzureAccount();
		const azurite = real === undefined ? await startAzurite() : undefined;
		const made = await createAzureContainer(real ?? azuriteAddress(azurite?.url ?? ''));
		const {container, endpoint, account, accountKey} = made;
		return {
			plugins: ['@stowage/azure'],
			driver: 'azure',
			options: {container, endpoint, account, accountKey},
			origin: new URL(endpoint).origin,
			close: () => azurite?.stop() ?? made.remove(),
		};
	},
	async gcs() {
		return {plugins: ['@stowage/gcs'], driver: 'gcs', ...(await openGcsBucket())};
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
		const {options, origin, close} = await openS3Bucket();
		const root = await mkdtemp(join(tmpdir(), 'stowage-cache-'));
		return {
			plugins: ['@stowage/s3', '@stowage/filesystem', '@stowage/tiered'],
			driver: 'tiered',
			options: {storage: 'bucket', cache: 'disk', maxMebibytes: 16},
			parts: {
				bucket: {driver: 's3', options},
				disk: {driver: 'filesystem', options: {root}},
			},
			origin,
			close: async () => {
				await close();
				await rm(root, {recursive: true});
			},
		};
	},
};

type OpenBucket = Pick<RemoteStore, 'options' | 'origin' | 'close'>;

async function openS3Bucket(): Promise<OpenBucket> {
	const real = findS3Bucket();
	if (real !== undefined) {
		const close = () => emptyStorage({plugin: '@stowage/s3', options: real});
		return {options: real, origin: originOf(real), close};
	}
	const moto = await startMoto();
	return {options: await createS3Bucket(moto.url), origin: moto.url, close: () => moto.stop()};
}

function originOf({bucket, region, endpoint}: S3Bucket): string {
	return endpoint === undefined ? `https://${bucket}.s3.${region}.amazonaws.com` : new URL(endpoint).origin;
}

async function openGcsBucket(): Promise<OpenBucket> {
	const real = findGcsBucket();
	if (real !== undefined) {
		const close = () => emptyStorage({plugin: '@stowage/gcs', options: real});
		return {options: real, origin: 'https://storage.googleapis.com', close};
	}
	const emulator = await startFakeGcs();
	const {privateKey} = generateKeyPairSync('rsa', {modulusLength: 2048});
	const credentials = {
		client_email: 'tests@example.invalid',
		private_key: privateKey.export({type: 'pkcs8', format: 'pem'}).toString(),
	};
	const options = {credentials, ...(await createGcsBucket(emulator.url))};
	return {options, origin: emulator.url, close: () => emulator.stop()};
}
