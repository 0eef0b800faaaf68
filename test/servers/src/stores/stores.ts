import {registerSharedWorker} from 'ava/plugin';
import type {StoreAnswer} from './store-worker.ts';

/** Address of a store that is started when first asked for. */
export type StoreUrl = () => Promise<string>;

/**
 * A store that all test files of a run share, without a slash at the end of its address. To be called while the test file
 * is loaded, because ava wants to know then what the file needs.
 */
export function sharedStore(name: 'azurite' | 'fakeGcs' | 'gcpEmulator' | 'moto' | 'nanio'): StoreUrl {
	const worker = registerSharedWorker({
		filename: new URL('store-worker.ts', import.meta.url),
		supportedProtocols: ['ava-4'],
	});
	let asked: Promise<string> | undefined;
	const ask = async () => {
		await worker.available;
		for await (const reply of worker.publish(name).replies()) {
			const answer = reply.data as StoreAnswer;
			if ('failure' in answer) {
				throw new Error(answer.failure);
			}
			return answer.url;
		}
		throw new Error(`the process that starts ${name} has ended`);
	};
	return () => (asked ??= ask());
}
