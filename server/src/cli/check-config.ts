import type {ConfigurationOptions} from './program.ts';
import {readCliConfiguration} from './read-cli-configuration.ts';

/** Says that the configuration is good and what it makes; rejects with `ConfigError` when it is not. */
export async function checkConfig(options: ConfigurationOptions): Promise<void> {
	const {configuration, plugins} = await readCliConfiguration(options, {serving: true});
	const {listen, data, database, storages} = configuration;
	process.stdout.write(
		[
			'The configuration is good.',
			`  listens on  ${listen}`,
			`  data in     ${data}`,
			`  database    ${database.client}`,
			`  storages    ${Object.entries(storages)
				.map(([name, {driver}]) => `${name} (${driver})`)
				.join(', ')}`,
			`  plugins     ${plugins.plugins.map(({name}) => name).join(', ')}`,
			'',
		].join('\n'),
	);
}
