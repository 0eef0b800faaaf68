import type {AuditLog, Logger, OptionsValidator, ProtocolOptions, Repositories, Routes} from '@stowage/core';
import Koa from 'koa';
import {RequestAudit} from '../audit/request-audit.ts';
import type {Authenticator} from '../auth/authenticator.ts';
import type {Configuration} from '../config/configuration.ts';
import type {Endpoint} from '../rest/endpoint.ts';
import {mountEndpoints} from '../rest/frame/mount-endpoints.ts';
import {AccelRedirect} from './accel-redirect.ts';
import {Addressing} from './addressing.ts';
import {answerError} from './answer-error.ts';
import {createGuard} from './guard.ts';
import {defineHealth} from './health.ts';
import {type HttpContext, type RequestParts, addRequestParts} from './http-context.ts';
import type {Metrics} from './metrics.ts';
import type {Readiness} from './readiness.ts';
import {requestIds} from './request-id.ts';
import {requestLog} from './request-log.ts';
import {RouteTables} from './route-tables.ts';
import {SiteTable} from './site-table.ts';
import {TrustedProxies} from './trusted-proxies.ts';
import {defineV2} from './v2/v2-routes.ts';

/** A protocol spoken per repository, as a plugin defines it. */
export interface ProtocolDefinition {
	readonly name: string;
	readonly define: (routes: Routes) => void;
	readonly options?: ProtocolOptions;
}

/** Routes below a path of their own. */
export interface PluginRoutes {
	readonly prefix: `/${string}`;
	readonly define: (routes: Routes) => void;
}

export interface AppParts {
	readonly configuration: Pick<
		Configuration,
		'accelRedirect' | 'baseUrl' | 'bindings' | 'subdomainsOf' | 'trustedProxies' | 'publicMetrics' | 'log'
	>;
	readonly repositories: Repositories;
	readonly authenticator: Authenticator;
	readonly audit: AuditLog;
	readonly logger: Logger;
	readonly metrics: Metrics;
	readonly readiness: Pick<Readiness, 'down'>;
	/** Besides `v2`. */
	readonly protocols: readonly ProtocolDefinition[];
	readonly pluginRoutes: readonly PluginRoutes[];
	/** The REST API. */
	readonly endpoints: readonly Endpoint[];
	/** Checks requests against the schemas of `endpoints`. */
	readonly validator: OptionsValidator;
}

/**
 * The server's whole HTTP side. Use its `callback()` for `request` and for `checkContinue`: it tells a client that waits
 * to go on when its body is wanted, and not before it is known that it may send one.
 */
export function createApp(parts: AppParts): Koa<Koa.DefaultState, RequestParts> {
	const {configuration, logger} = parts;
	const app = new Koa<Koa.DefaultState, RequestParts>();
	const proxies = new TrustedProxies(configuration.trustedProxies);
	const protocols = ['v2', ...parts.protocols.map(({name}) => name)];
	const addressing = new Addressing(
		new SiteTable({...configuration, protocols}, proxies),
		protocols,
		parts.repositories,
	);
	const tables = createRouteTables(parts, proxies);
	addRequestParts(app, parts.authenticator);
	app.context.accelRedirect = configuration.accelRedirect && new AccelRedirect(configuration.accelRedirect, proxies);
	app.on('error', (error: Error) => logger.debug({err: error}, 'connection failed'));
	app.use(respondWith(parts, {addressing, tables, proxies}));
	return app;
}

interface Routing {
	readonly addressing: Addressing;
	readonly tables: RouteTables;
	readonly proxies: TrustedProxies;
}

/** All that happens to a request, in one function: each middleware of Koa's costs every pull some promises and closures. */
function respondWith(parts: AppParts, {addressing, tables, proxies}: Routing): (context: HttpContext) => Promise<void> {
	const {configuration, logger, metrics} = parts;
	const identify = requestIds();
	const log = configuration.log.requests ? requestLog(logger, proxies) : undefined;
	const audit = new RequestAudit({...parts, proxies});
	return async context => {
		identify(context);
		metrics.requests.watch(context);
		log?.(context);
		try {
			context.address = addressing.find(context.req);
			await tables.run(context, context.address);
		} catch (error) {
			answerError(context, error, {logger, audit});
		}
	};
}

/** All routes of the server with what they ask of their callers. */
export function createRouteTables(
	parts: AppParts,
	proxies = new TrustedProxies(parts.configuration.trustedProxies),
): RouteTables {
	const {authenticator, repositories, configuration, metrics, readiness} = parts;
	const audit = new RequestAudit({...parts, proxies});
	const tables = new RouteTables(createGuard({authenticator, repositories, proxies, audit}));
	defineV2(tables.protocol('v2', 'oci'), {authenticator, repositories, proxies});
	for (const {name, define, options} of parts.protocols) {
		define(tables.protocol(name, 'rest', options));
	}
	const {publicMetrics} = configuration;
	const own = tables.own();
	defineHealth(own, {readiness, metrics, publicMetrics});
	mountEndpoints(parts.endpoints, {tables, own, validator: parts.validator});
	for (const {prefix, define} of parts.pluginRoutes) {
		define(tables.below(prefix));
	}
	return tables;
}
