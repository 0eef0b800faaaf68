import {mkdtemp, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {type ReadConfiguration, openRegistry, readConfiguration} from '@stowage/server';
import type {OpenedDatabase} from '@stowage/test-servers/databases';
import {basicAuthorization} from './basic-authorization.ts';
import {ErrorLog} from './error-log.ts';
import {RegistryClient} from './registry-client.ts';

/** What the configuration file says beside folder, address and database; in its words. */
export interface RegistrySettings {
	readonly [name: string]: unknown;
	readonly bindings?: readonly {readonly host?: string; readonly port?: number; readonly repositories: object}[];
}

export interface RunningRegistry {
	/** `http://127.0.0.1:<port>`. */
	readonly url: string;
	readonly settings: RegistrySettings;
	readonly admin: {readonly name: string; readonly password: string};
	/** Signs in as administrator with every request. */
	readonly client: RegistryClient;
	readonly database: OpenedDatabase['options'];
	/** What it logged as errors so far. */
	readonly errors: readonly string[];
	/** Ends it and removes all that it left, the database too. */
	stop(): Promise<void>;
}

/** Starts the registry in this process as its operator would, on a free port, with an empty folder and database. */
export async function startRegistry(database: OpenedDatabase, settings: RegistrySettings): Promise<RunningRegistry> {
	await using opened = new AsyncDisposableStack();
	opened.defer(() => database.cleanup());
	const folder = await mkdtemp(join(tmpdir(), 'stowage-spec-'));
	opened.defer(() => rm(folder, {recursive: true, force: true}));
	const admin = {name: 'admin', password: 'a password of the tests'};
	const logger = new ErrorLog();
	const parts = await configure(folder, {database: database.options, stopWithinSeconds: 1, ...settings});
	const registry = await openRegistry({...parts, logger, adminPassword: admin.password});
	opened.defer(() => registry.stop());
	const url = `http://127.0.0.1:${registry.port}`;
	const client = new RegistryClient(url, {authorization: basicAuthorization(admin.name, admin.password)});
	opened.defer(() => client.close());
	const running = opened.move();
	return {
		url,
		settings,
		admin,
		client,
		database: database.options,
		errors: logger.lines,
		stop: () => running.disposeAsync(),
	};
}

async function configure(folder: string, settings: RegistrySettings): Promise<ReadConfiguration> {
	const file = join(folder, 'stowage.yml');
	await writeFile(file, JSON.stringify(settings));
	return readConfiguration({
		file,
		data: join(folder, 'data'),
		listen: '127.0.0.1:0',
		environment: {},
		workingFolder: folder,
	});
}
