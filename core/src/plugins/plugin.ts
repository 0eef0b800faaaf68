import type {AuthenticatorType} from '../authenticators/external-authenticator.ts';
import type {RegistryEvent} from '../events/registry-event.ts';
import type {JobRegistrar} from '../jobs/job-registrar.ts';
import type {Repositories} from '../repositories/repositories.ts';
import type {RepositoryType} from '../repositories/repository-type.ts';
import type {StorageDriverType} from '../storage/driver.ts';
import type {JsonSchema} from '../types/json-schema.ts';
import type {Logger} from '../types/logger.ts';
import type {MigrationType} from './migration-type.ts';
import type {ProtocolOptions} from './protocol-options.ts';
import type {Routes} from './routes.ts';

/**
 * The contract of drivers and plugins, as one number. It grows when something written for it would stop working; new
 * optional members do not count. The server names the plugin, both numbers and what to do, and does not start.
 */
export const pluginApi = 1;

/** What the default export of a plugin package is. */
export interface Plugin<Options extends object = object> {
	/** The package's own name. Prefixes its log lines, its jobs and its private values. */
	readonly name: string;
	readonly api: typeof pluginApi;
	/** Options of the plugin as a whole, beside those of its drivers, repository types and authenticators. */
	readonly options?: JsonSchema;
	readonly storageDrivers?: readonly StorageDriverType[];
	readonly repositoryTypes?: readonly RepositoryType[];
	readonly authenticators?: readonly AuthenticatorType[];
	readonly migrations?: readonly MigrationType[];
	/**
	 * Names of the protocols that `setup` adds, by which bindings to them are checked before anything is started; `setup`
	 * may add no others. Left out: not known beforehand.
	 */
	readonly protocols?: readonly string[];
	/**
	 * For what cannot be said as data. Called once, before the server listens, with a time limit.
	 * The host refuses calls after it has resolved, so that all a plugin adds is known when the server starts.
	 */
	setup?(host: PluginHost, options: Options): Promise<void>;
}

export interface PluginHost {
	readonly logger: Logger;
	readonly jobs: JobRegistrar;
	readonly repositories: Repositories;
	/**
	 * A protocol spoken per repository, as `/v2` is by the server and `/v1` by the V1 plugin. The server works out which
	 * repository a request means (by host, port or path) and which protocols that address has; the routes see the rest.
	 * Where neither says which repository, the routes are asked all the same, without one.
	 */
	protocol(name: string, define: (routes: Routes) => void, options?: ProtocolOptions): void;
	/** Routes below `prefix`. Two plugins cannot have prefixes of which one begins with the other; `/v2` and `/api` are the server's. */
	routes(prefix: `/${string}`, define: (routes: Routes) => void): void;
	/** Called after the fact and never waited for; an error in it is logged and goes no further. */
	on<Type extends RegistryEvent['type']>(
		type: Type,
		listener: (event: Extract<RegistryEvent, {type: Type}>) => void | Promise<void>,
	): void;
	/** In reverse order of calls, when the server stops. */
	onClose(close: () => Promise<void>): void;
}
