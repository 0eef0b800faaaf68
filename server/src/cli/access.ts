import {text} from 'node:stream/consumers';
import type {MetadataStore} from '@stowage/core';
import type {Configuration} from '../config/configuration.ts';
import type {ConfigurationOptions} from './program.ts';

/** Does `work` on the configured database, beside servers that may be running: they take up changes within five seconds. */
export async function withMetadata(
	options: ConfigurationOptions,
	work: (metadata: MetadataStore, configuration: Configuration) => Promise<void>,
): Promise<void> {
	const [{readCliConfiguration}, {openDatabase}, {prepareDataFolder}] = await Promise.all([
		import('./read-cli-configuration.ts'),
		import('../process/open-database.ts'),
		import('../process/data-folder.ts'),
	]);
	const {configuration} = await readCliConfiguration(options);
	await prepareDataFolder(configuration);
	const metadata = await openDatabase(configuration.database);
	try {
		await work(metadata, configuration);
	} finally {
		await metadata.close();
	}
}

/** The first line of standard input where that is asked for, so that no other process can see it. */
export async function readPassword({
	passwordStdin = false,
}: {
	readonly passwordStdin?: boolean;
}): Promise<string | undefined> {
	if (!passwordStdin) {
		return undefined;
	}
	const [password = ''] = (await text(process.stdin)).split(/\r?\n/, 1);
	return password;
}

export function printJson(value: unknown): void {
	process.stdout.write(`${JSON.stringify(value, undefined, 2)}\n`);
}

/** For an option that may be given several times. */
export function collect(value: string, before: readonly string[] = []): readonly string[] {
	return [...before, value];
}
