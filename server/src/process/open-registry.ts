import {type Logger, OptionsValidator, type PluginSet} from '@stowage/core';
import type {Configuration} from '../config/configuration.ts';
import {type ListenAddress, parseListenAddress} from '../config/listen-address.ts';
import {CertificateFiles} from './certificate-files.ts';
import {prepareDataFolder} from './data-folder.ts';
import {createLog} from './log.ts';
import {type Application, openApplication} from './open-application.ts';
import {openDatabase} from './open-database.ts';
import {type PreparedRegistry, prepareRegistry} from './prepare-registry.ts';
import {RegistryServer} from './registry-server.ts';

export interface OpenRegistryParts {
	readonly configuration: Configuration;
	/** As `readConfiguration` gives them. */
	readonly plugins: PluginSet;
	/** One of its own unless told. */
	readonly validator?: OptionsValidator;
	/** Writes to standard output unless told. */
	readonly logger?: Logger;
	/** For the administrator, if this is the first start. A random one unless told. */
	readonly adminPassword?: string;
	/** Whether another process has made the administrator and the first repositories. */
	readonly prepared?: boolean;
	/** How long the setup of one plugin may take; 30,000 unless told. */
	readonly pluginSetupMs?: number;
}

/** A registry that listens. */
export interface Registry {
	readonly addresses: readonly ListenAddress[];
	/** Of the first address. */
	readonly port: number;
	/** What this start did, unless another process did it. */
	readonly prepared?: PreparedRegistry;
	/** Resolves when requests have ended, or their time is over, and everything is closed. */
	stop(): Promise<void>;
	/** Ends a `stop` under way at once. */
	cut(): void;
}

/** Opens everything and listens. When something cannot be opened, what was opened before is closed again, and it rejects. */
export async function openRegistry(parts: OpenRegistryParts): Promise<Registry> {
	const {configuration, plugins, validator = new OptionsValidator()} = parts;
	const {logger = createLog(configuration.log), adminPassword} = parts;
	await using opened = new AsyncDisposableStack();
	await prepareDataFolder(configuration);
	const metadata = await openDatabase(configuration.database);
	opened.defer(() => metadata.close());
	const once = {configuration, plugins, validator, metadata, logger, adminPassword};
	const preparing = parts.prepared === true ? undefined : prepareRegistry(once);
	const settled = Promise.allSettled([preparing]);
	// Whatever else fails meanwhile, it has ended before the database is closed.
	opened.defer(async () => void (await settled));
	const application = await openApplication({...parts, validator, metadata, logger});
	opened.defer(() => application.close());
	const prepared = await preparing;
	if (prepared !== undefined) {
		// It may have made repositories since these were read.
		await application.repositories.refresh();
	}
	const server = await listen(configuration, {application, logger, opened});
	const closing = opened.move();
	const stop = async () => {
		logger.info({withinSeconds: configuration.stopWithinSeconds}, 'stopping');
		application.stop();
		await server.stop({withinSeconds: configuration.stopWithinSeconds});
		await closing.disposeAsync();
	};
	let stopping: Promise<void> | undefined;
	return {
		addresses: server.addresses,
		port: server.addresses[0]?.port ?? 0,
		prepared,
		stop: () => (stopping ??= stop()),
		cut: () => server.cut(),
	};
}

interface ListenParts {
	readonly application: Application;
	readonly logger: Logger;
	readonly opened: AsyncDisposableStack;
}

async function listen(
	{listen, bindings, tls, idleTimeoutSeconds}: Configuration,
	{application: {handler}, logger, opened}: ListenParts,
): Promise<RegistryServer> {
	const first = parseListenAddress(listen) ?? {host: '127.0.0.1', port: 5000};
	const ports = bindings.flatMap(({port}) => (port === undefined ? [] : [port]));
	const certificate = tls && (await CertificateFiles.open({...tls, logger}));
	if (certificate !== undefined) {
		opened.defer(() => certificate.close());
	}
	return RegistryServer.listen({
		listen: [first, ...ports.map(port => ({host: first.host, port}))],
		handler,
		onCheckContinue: handler,
		certificate,
		idleTimeoutSeconds,
		logger,
	});
}
