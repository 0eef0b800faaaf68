import type {Readable} from 'node:stream';
import {pipeline} from 'node:stream/promises';
import {Storage} from '@google-cloud/storage';
import plugin from '@stowage/gcs';
import {createGcsBucket, startFakeGcs, startGcpEmulator} from '@stowage/test-servers';
import {silentLogger} from '@stowage/testing';
import {type Transport, compareTransfers, driverTransport} from './compare-transfers.ts';

const mebibyte = 1024 * 1024;
const [mebibytes = 128, rounds = 5] = process.argv.slice(2).map(Number);

for (const start of [startFakeGcs, startGcpEmulator]) {
	const emulator = await start();
	try {
		const options = await createGcsBucket(emulator.url);
		const driver = await plugin.storageDrivers![0]!.create(
			{...options, chunkMebibytes: 8, timeoutSeconds: 60, tries: 5},
			{name: 'bench', logger: silentLogger},
		);
		const bucket = new Storage({apiEndpoint: emulator.url, projectId: 'test'}).bucket(options.bucket);
		/** As the SDK does it when it is to be able to send a chunk again. */
		const sdk: Transport = {
			name: 'SDK',
			up: (key: string, body: Readable) => {
				const settings = {resumable: true, validation: false, chunkSize: 8 * mebibyte};
				return pipeline(body, bucket.file(key).createWriteStream(settings));
			},
			down: async (key: string) => bucket.file(key).createReadStream({validation: false}),
		};
		console.log(start.name);
		await compareTransfers([driverTransport('driver', driver), sdk], {mebibytes, rounds});
		await driver.close();
	} finally {
		await emulator.stop();
	}
}
