import {fullSchema} from '../config/full-schema.ts';
import type {ConfigurationOptions} from './program.ts';
import {readCliConfiguration} from './read-cli-configuration.ts';

/** Prints the JSON Schema of a configuration file that names the configured plugins, for editors. */
export async function printConfigSchema(options: ConfigurationOptions): Promise<void> {
	const {plugins} = await readCliConfiguration(options);
	process.stdout.write(`${JSON.stringify(fullSchema(plugins.plugins), undefined, '\t')}\n`);
}
