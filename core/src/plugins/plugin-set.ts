import {setTimeout as sleep} from 'node:timers/promises';
import type {AuthenticatorType} from '../authenticators/external-authenticator.ts';
import type {RepositoryType} from '../repositories/repository-type.ts';
import type {StorageDriverType} from '../storage/driver.ts';
import type {Logger} from '../types/logger.ts';
import {type AddedProtocol, type AddedRoutes, Additions, type ReservedNames} from './additions.ts';
import type {PluginProblem} from './check-plugin.ts';
import {checkPlugin} from './check-plugin.ts';
import type {Migrate} from './image-migration.ts';
import type {OptionsValidator} from './options-validator.ts';
import {PluginError} from './plugin-error.ts';
import type {Plugin} from './plugin.ts';
import {type HostParts, RegisteringHost} from './registering-host.ts';

/** A plugin that the configuration names, after its module was imported. */
export interface NamedPlugin {
	/** As the configuration names it. */
	readonly named: string;
	/** The module's default export. */
	readonly exported: unknown;
	readonly options: object;
}

export type CheckedPlugins =
	| {readonly plugins: PluginSet; readonly problems?: undefined}
	| {readonly plugins?: undefined; readonly problems: readonly PluginProblem[]};

export interface SetupParts extends HostParts {
	/** How long one plugin's setup may take, in milliseconds. */
	readonly withinMs: number;
	/** What is the server's own; protocol `v2` and the paths `/v2` and `/api` unless told. */
	readonly reserved?: ReservedNames;
}

interface Entry {
	readonly plugin: Plugin;
	readonly options: object;
}

/** The plugins of this server, checked: what they offer as data, then what they add in `setup`. */
export class PluginSet {
	/** By the word after `driver:`. */
	readonly storageDrivers: ReadonlyMap<string, StorageDriverType>;
	/** By the word after `type:`. */
	readonly repositoryTypes: ReadonlyMap<string, RepositoryType>;
	/** By the word after `type:` of an authenticator. */
	readonly authenticators: ReadonlyMap<string, AuthenticatorType>;
	/** By the word before `migrate`, with the options of their plugins. */
	readonly migrations: ReadonlyMap<string, Migrate>;
	readonly #entries: readonly Entry[];
	readonly #hosts: {readonly plugin: string; readonly host: RegisteringHost; readonly logger: Logger}[] = [];
	#additions = new Additions({protocols: [], prefixes: []});

	private constructor(entries: readonly Entry[]) {
		this.#entries = entries;
		const plugins = entries.map(({plugin}) => plugin);
		this.storageDrivers = byType(plugins.flatMap(({storageDrivers = []}) => storageDrivers));
		this.repositoryTypes = byType(plugins.flatMap(({repositoryTypes = []}) => repositoryTypes));
		this.authenticators = byType(plugins.flatMap(({authenticators = []}) => authenticators));
		this.migrations = new Map(entries.flatMap(migrationsOf));
	}

	/** Everything that is wrong with any of them at once, or the set. */
	static check(named: readonly NamedPlugin[], validator: OptionsValidator): CheckedPlugins {
		const checked = named.map(one => checkOne(one, validator));
		const entries = checked.flatMap(({entry}) => (entry ? [entry] : []));
		const problems = [...checked.flatMap(({problems}) => problems), ...findDuplicates(entries)];
		return problems.length > 0 ? {problems} : {plugins: new PluginSet(entries)};
	}

	get plugins(): readonly Plugin[] {
		return this.#entries.map(({plugin}) => plugin);
	}

	/** Known once `setup` has resolved. */
	get protocols(): readonly AddedProtocol[] {
		return this.#additions.protocols;
	}

	/** Known once `setup` has resolved. */
	get routes(): readonly AddedRoutes[] {
		return this.#additions.routes;
	}

	/** Sets up one after the other, in their order. Rejects with `PluginError`; `close` then undoes what was done. */
	async setup(parts: SetupParts): Promise<void> {
		this.#additions = new Additions(parts.reserved ?? {protocols: ['v2'], prefixes: ['/v2', '/api', '/access']});
		for (const {plugin, options} of this.#entries) {
			const host = new RegisteringHost(plugin, parts, this.#additions);
			this.#hosts.push({plugin: plugin.name, host, logger: host.logger});
			try {
				await within(parts.withinMs, plugin.name, plugin.setup?.(host, options));
			} catch (error) {
				throw error instanceof PluginError ? error : failed(plugin.name, error);
			} finally {
				host.finish();
			}
		}
	}

	/** In reverse order of everything. An error is logged and keeps no other from closing. */
	async close(): Promise<void> {
		for (const {host, logger} of this.#hosts.splice(0).toReversed()) {
			for (const close of host.closers.toReversed()) {
				try {
					await close();
				} catch (error) {
					logger.error({err: error}, 'a plugin could not be closed');
				}
			}
		}
	}
}

function migrationsOf({plugin, options}: Entry): readonly (readonly [type: string, migrate: Migrate])[] {
	const {migrations = []} = plugin;
	return migrations.map(migration => [migration.type, async request => migration.migrate(request, options)]);
}

function byType<Offer extends {readonly type: string}>(offers: readonly Offer[]): ReadonlyMap<string, Offer> {
	return new Map(offers.map(offer => [offer.type, offer]));
}

interface CheckedOne {
	readonly entry?: Entry;
	readonly problems: readonly PluginProblem[];
}

function checkOne({named, exported, options}: NamedPlugin, validator: OptionsValidator): CheckedOne {
	const {plugin, problem} = checkPlugin(exported);
	if (plugin === undefined) {
		return {problems: [{plugin: named, path: '', message: problem}]};
	}
	try {
		const checked = validator.check(plugin.options ?? {type: 'object'}, options);
		return checked.problems === undefined
			? {entry: {plugin, options: checked.options}, problems: []}
			: {entry: {plugin, options}, problems: checked.problems.map(found => ({plugin: named, ...found}))};
	} catch (error) {
		const reason = error instanceof Error ? error.message : String(error);
		return {problems: [{plugin: named, path: '', message: `is wrong: its "options" is no JSON Schema: ${reason}`}]};
	}
}

function findDuplicates(entries: readonly Entry[]): readonly PluginProblem[] {
	const problems: PluginProblem[] = [];
	const owners = new Map<string, string>();
	const claim = (plugin: string, what: string) => {
		const owner = owners.get(what);
		if (owner === undefined) {
			owners.set(what, plugin);
		} else {
			problems.push({plugin, path: '', message: `offers ${what}, which "${owner}" offers already; use one of them`});
		}
	};
	for (const {plugin} of entries) {
		claim(plugin.name, `the plugin "${plugin.name}"`);
		plugin.storageDrivers?.forEach(({type}) => claim(plugin.name, `the driver "${type}"`));
		plugin.repositoryTypes?.forEach(({type}) => claim(plugin.name, `the repository type "${type}"`));
		plugin.authenticators?.forEach(({type}) => claim(plugin.name, `the authenticator "${type}"`));
		plugin.migrations?.forEach(({type}) => claim(plugin.name, `the migration "${type}"`));
	}
	return problems;
}

async function within(milliseconds: number, plugin: string, work: Promise<void> | undefined): Promise<void> {
	const done = new AbortController();
	const late = sleep(milliseconds, 'late' as const, {signal: done.signal}).catch(() => undefined);
	const first = await Promise.race([work, late]).finally(() => done.abort());
	if (first === 'late') {
		throw new PluginError(plugin, `did not end its setup() within ${milliseconds / 1000} s`);
	}
}

function failed(plugin: string, cause: unknown): PluginError {
	const reason = cause instanceof Error ? cause.message : String(cause);
	return new PluginError(plugin, `could not be set up: ${reason}`, {cause});
}
