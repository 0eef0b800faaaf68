import {type ReadConfiguration, readConfiguration} from '../config/read-configuration.ts';
import type {ConfigurationOptions} from './program.ts';

/** The configuration that the options of a command mean, in this process's environment and working folder. */
export async function readCliConfiguration({config, data, listen}: ConfigurationOptions): Promise<ReadConfiguration> {
	return readConfiguration({file: config, data, listen, environment: process.env, workingFolder: process.cwd()});
}
