import {type ConfigurationRequest, type ReadConfiguration, readConfiguration} from '../config/read-configuration.ts';
import type {ConfigurationOptions} from './program.ts';

/** The configuration that the options of a command mean, in this process's environment and working folder. */
export async function readCliConfiguration(
	{config, data, listen}: ConfigurationOptions,
	request: Pick<ConfigurationRequest, 'serving'> = {},
): Promise<ReadConfiguration> {
	const {env: environment} = process;
	return readConfiguration({...request, file: config, data, listen, environment, workingFolder: process.cwd()});
}
