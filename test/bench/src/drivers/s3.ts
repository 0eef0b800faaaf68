import type {Readable} from 'node:stream';
import {GetObjectCommand, S3Client} from '@aws-sdk/client-s3';
import {Upload} from '@aws-sdk/lib-storage';
import plugin from '@stowage/s3';
import {createS3Bucket, startMoto} from '@stowage/test-servers';
import {silentLogger} from '@stowage/testing';
import {compareTransfers, driverTransport} from './compare-transfers.ts';

const [mebibytes = 256, rounds = 5] = process.argv.slice(2).map(Number);
const moto = await startMoto();
try {
	const bucket = await createS3Bucket(moto.url);
	const {region, endpoint, accessKeyId, secretAccessKey} = bucket;
	const driver = await plugin.storageDrivers![0]!.create(
		{
			...bucket,
			partMebibytes: 8,
			equalParts: false,
			parallelParts: 3,
			copyMebibytes: 1024,
			connections: 64,
			timeoutSeconds: 60,
			tries: 5,
		},
		{name: 'bench', logger: silentLogger},
	);
	const client = new S3Client({
		region,
		endpoint,
		forcePathStyle: true,
		credentials: {accessKeyId, secretAccessKey},
		requestChecksumCalculation: 'WHEN_REQUIRED',
		responseChecksumValidation: 'WHEN_REQUIRED',
	});
	const sdk = {
		name: 'SDK',
		up: async (key: string, body: Readable) => {
			const params = {Bucket: bucket.bucket, Key: key, Body: body};
			await new Upload({client, params, partSize: 8 * 1024 * 1024, queueSize: 4}).done();
		},
		down: async (key: string) => {
			const {Body} = await client.send(new GetObjectCommand({Bucket: bucket.bucket, Key: key}));
			return Body as unknown as Readable;
		},
	};
	await compareTransfers([driverTransport('driver', driver), sdk], {mebibytes, rounds});
	await driver.close();
	client.destroy();
} finally {
	await moto.stop();
}
