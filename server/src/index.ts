export {ConfigError, type ConfigProblem} from './config/config-error.ts';
export type {Configuration} from './config/configuration.ts';
export {type ConfigurationRequest, type ReadConfiguration, readConfiguration} from './config/read-configuration.ts';
export {type OpenRegistryParts, type Registry, openRegistry} from './process/open-registry.ts';
