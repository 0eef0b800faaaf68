import {randomUUID} from 'node:crypto';

/** The options with which a driver reaches a bucket. */
export interface GcsBucket {
	readonly bucket: string;
	readonly apiEndpoint?: string;
	readonly authenticate: boolean;
	readonly keyFile?: string;
	/** What tests of a real account have in a bucket that they do not make. */
	readonly prefix: string;
}

/** Makes a bucket of an emulator. */
export async function createGcsBucket(apiEndpoint: string): Promise<GcsBucket> {
	const bucket = `stowage-test-${randomUUID()}`;
	const answer = await fetch(`${apiEndpoint}/storage/v1/b?project=test`, {
		method: 'POST',
		headers: {'content-type': 'application/json'},
		body: JSON.stringify({name: bucket}),
	});
	if (!answer.ok) {
		throw new Error(`the emulator made no bucket: ${answer.status} ${await answer.text()}`);
	}
	return {bucket, apiEndpoint, authenticate: false, prefix: 'some/where'};
}
