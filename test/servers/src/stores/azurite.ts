import {mkdtemp, rm} from 'node:fs/promises';
import {createRequire} from 'node:module';
import {tmpdir} from 'node:os';
import {dirname, join} from 'node:path';
import {answersTcp} from '../processes/answers-tcp.ts';
import {freePort} from '../processes/free-port.ts';
import {guardProcess} from '../processes/guard-process.ts';
import {ServerProcess} from '../processes/server-process.ts';
import type {StoreServer} from './store-server.ts';

/** The one account that the emulator has, as its documentation gives it. */
export const azuriteAccount = {
	name: 'devstoreaccount1',
	key: 'Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==',
} as const;

export interface AzuriteOptions {
	/** Files with a certificate and its key: HTTPS then, and tokens are accepted, whoever signed them. */
	readonly tls?: {readonly certificate: string; readonly key: string};
	/** A free one without it. */
	readonly port?: number;
	/** Keeps blobs in files, in a folder that stays; in memory without it. */
	readonly folder?: string;
}

/** Starts Microsoft's emulator of Blob Storage on a port of 127.0.0.1. `url` has the account in it. */
export async function startAzurite({tls, port, folder: kept}: AzuriteOptions = {}): Promise<StoreServer> {
	const folder = await mkdtemp(join(tmpdir(), 'stowage-azurite-'));
	const listened = port ?? (await freePort());
	const origin = `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${listened}`;
	const main = join(dirname(createRequire(import.meta.url).resolve('azurite/package.json')), 'dist/src/blob/main.js');
	try {
		const server = await ServerProcess.start({
			program: process.execPath,
			parameters: [
				main,
				'--silent',
				'--disableTelemetry',
				// Emulators know the versions of the protocol that there were when they were made.
				'--skipApiVersionCheck',
				'--blobHost',
				'127.0.0.1',
				'--blobPort',
				String(listened),
				...(kept === undefined ? ['--inMemoryPersistence'] : ['--location', kept]),
				...(tls === undefined ? [] : ['--cert', tls.certificate, '--key', tls.key, '--oauth', 'basic']),
			],
			// It calls itself to see whether the source of a copy may be read.
			environment: {...process.env, ...(tls === undefined ? {} : {NODE_EXTRA_CA_CERTS: tls.certificate})},
			folder,
			log: join(folder, 'azurite.log'),
			ready: () => answersTcp(listened),
		});
		return {url: `${origin}/${azuriteAccount.name}`, pid: server.pid, stop: guardProcess(server.pid, folder)};
	} catch (error) {
		await rm(folder, {recursive: true, force: true});
		throw error;
	}
}
