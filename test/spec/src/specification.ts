import {randomBytes} from 'node:crypto';
import {type TestDatabase, databases} from '@stowage/test-servers/databases';
import test, {type ExecutionContext} from 'ava';
import type {ImageClient} from './image-client.ts';
import type {RegistryClient} from './registry-client.ts';
import {type RegistrySettings, type RunningRegistry, startRegistry} from './start-registry.ts';

/** What a test of the specification is given: a running registry and an image name that no other test uses. */
export interface SpecWorld {
	readonly registry: RunningRegistry;
	/** Signs in as administrator with every request. */
	readonly client: RegistryClient;
	/** An image of `docker-local` that does not exist yet. */
	readonly image: ImageClient;
	/** More of them. */
	readonly newImage: () => ImageClient;
}

export type Specify = (title: string, run: (t: ExecutionContext, world: SpecWorld) => void | Promise<void>) => void;

/** Settings of the registry, or what makes them for each database. */
export type Settings = RegistrySettings | (() => Promise<RegistrySettings>);

/**
 * Declares tests that run on every database, all of them against one registry per database. It is started for the first
 * test that wants it and stopped after the file's last.
 */
export function specification(settings: Settings = {}): Specify {
	const registries = databases().map(database => ({database, start: startOnce(database, settings)}));
	return (title, run) => {
		for (const {database, start} of registries) {
			test(`${database.name}: ${title}`, async t => {
				const registry = await start();
				const {client} = registry;
				const newImage = () => client.image(`spec/${randomBytes(8).toString('hex')}`);
				await run(t, {registry, client, image: newImage(), newImage});
			});
		}
	};
}

function startOnce(database: TestDatabase, settings: Settings): () => Promise<RunningRegistry> {
	let running: Promise<RunningRegistry> | undefined;
	const start = async () => {
		const opened = await database.open();
		return startRegistry(opened, typeof settings === 'function' ? await settings() : settings);
	};
	test.after.always(`nothing of its own went wrong on ${database.name}`, async () => {
		const registry = await running;
		await registry?.stop();
		if (registry !== undefined && registry.errors.length > 0) {
			throw new Error(`the registry logged errors:\n${registry.errors.join('\n')}`);
		}
	});
	return () => (running ??= start());
}
