import type {SharedWorker} from 'ava/plugin';
import {startAzurite} from './azurite.ts';
import {startFakeGcs} from './fake-gcs.ts';
import {startGcpEmulator} from './gcp-emulator.ts';
import {startMoto} from './moto.ts';
import {startNanio} from './nanio.ts';
import type {StoreServer} from './store-server.ts';

/** What a test file gets for the name of a store. */
export type StoreAnswer = {readonly url: string} | {readonly failure: string};

const starts: Readonly<Record<string, () => Promise<StoreServer>>> = {
	azurite: startAzurite,
	fakeGcs: startFakeGcs,
	gcpEmulator: startGcpEmulator,
	moto: startMoto,
	nanio: startNanio,
};

/** Starts each store once for all test files of a run, when one asks for it. It ends with ava, since it ends with this process. */
export default function storeWorker(ava: SharedWorker.FactoryOptions): void {
	const protocol = ava.negotiateProtocol(['ava-4']);
	const started = new Map<string, Promise<StoreAnswer>>();
	const answer = (name: string) => {
		const known = started.get(name) ?? start(name);
		started.set(name, known);
		return known;
	};
	const serve = async () => {
		for await (const message of protocol.subscribe()) {
			message.reply(await answer(message.data as string));
		}
	};
	void serve();
	protocol.ready();
}

async function start(name: string): Promise<StoreAnswer> {
	try {
		const server = await starts[name]?.();
		return server === undefined ? {failure: `there is no store "${name}"`} : {url: server.url};
	} catch (error) {
		return {failure: error instanceof Error ? error.message : String(error)};
	}
}
