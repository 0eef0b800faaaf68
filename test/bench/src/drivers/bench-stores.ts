import {mkdtemp, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import azure from '@stowage/azure';
import {OptionsValidator, type Plugin} from '@stowage/core';
import filesystem from '@stowage/filesystem';
import gcs from '@stowage/gcs';
import s3 from '@stowage/s3';
import sftp from '@stowage/sftp';
import {
	type TransferRequest,
	azuriteAddress,
	createAzureContainer,
	createGcsBucket,
	createS3Bucket,
	startAzurite,
	startFakeGcs,
	startNanio,
} from '@stowage/test-servers';
import {SftpServer} from '@stowage/test-servers/sftp';
import tiered from '@stowage/tiered';

/** A started store, and how a driver with the options that it has unless told is opened on it. */
interface BenchStore extends Omit<TransferRequest, 'mebibytes'> {
	readonly close: () => Promise<void>;
}

const validator = new OptionsValidator();

function opened({name, storageDrivers}: Plugin, options: object): Pick<TransferRequest, 'plugin' | 'options'> {
	const checked = validator.check(storageDrivers![0]!.options, options);
	if (checked.options === undefined) {
		throw new Error(`${name}: ${JSON.stringify(checked.problems)}`);
	}
	return {plugin: name, options: checked.options};
}

async function makeFolder() {
	const root = await mkdtemp(join(tmpdir(), 'stowage-bench-'));
	return {root, remove: () => rm(root, {recursive: true, force: true})};
}

/** How the store of each driver is started. What an emulator can keep in files is not in the memory of the machine. */
export const benchStores: Readonly<Record<string, () => Promise<BenchStore>>> = {
	async filesystem() {
		const {root, remove} = await makeFolder();
		return {...opened(filesystem, {root}), close: remove};
	},
	async sftp() {
		const server = await SftpServer.start();
		return {...opened(sftp, server.storageOptions()), close: () => server.close()};
	},
	async azure() {
		const azurite = await startAzurite();
		const {container, endpoint, account, accountKey} = await createAzureContainer(azuriteAddress(azurite.url));
		return {...opened(azure, {container, endpoint, account, accountKey}), close: () => azurite.stop()};
	},
	async gcs() {
		const {root, remove} = await makeFolder();
		const emulator = await startFakeGcs({folder: root});
		const close = async () => {
			await emulator.stop();
			await remove();
		};
		// For every chunk the emulator copies all of the append that came before.
		return {...opened(gcs, await createGcsBucket(emulator.url)), appendMebibytes: 256, close};
	},
	async s3() {
		const server = await startNanio();
		return {...opened(s3, await createS3Bucket(server.url)), close: () => server.stop()};
	},
	async tiered() {
		const server = await startNanio();
		const {root, remove} = await makeFolder();
		const close = async () => {
			await server.stop();
			await remove();
		};
		const parts = {bucket: opened(s3, await createS3Bucket(server.url)), disk: opened(filesystem, {root})};
		return {...opened(tiered, {storage: 'bucket', cache: 'disk', maxMebibytes: 4096}), parts, close};
	},
};
