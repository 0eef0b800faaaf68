import type {Configuration} from '../config/configuration.ts';
import {parseListenAddress, toHostAndPort} from '../config/listen-address.ts';

/** How clients name a repository: in the path, as the first part of the host name, or by a port of its own. */
export const addressingMethods = ['path', 'subdomain', 'port'] as const;

export type AddressingMethod = (typeof addressingMethods)[number];

export interface ProxyRequest {
	readonly configuration: Pick<
		Configuration,
		'accelRedirect' | 'baseUrl' | 'bindings' | 'listen' | 'subdomainsOf' | 'tls' | 'trustedProxies'
	>;
	/** Keys of the repositories that exist. */
	readonly repositories: readonly string[];
	readonly methods: readonly AddressingMethod[];
	/** Name that clients use. That of the configuration, or `registry.example`, unless told. */
	readonly host?: string;
	/** PEM files for the proxy. */
	readonly certificate: string;
	readonly key: string;
	/** Port for the path and subdomain methods. */
	readonly httpsPort: number;
	/** Address that the proxy listens on; all of them unless told. */
	readonly address?: string;
	/** Port of the first repository by the port method; each further one, by key, has the next. */
	readonly firstPort: number;
	/** Ports that are given, by key. */
	readonly ports: Readonly<Record<string, number>>;
}

/** A proxy in front of the registry, before it is put in the words of one program. */
export interface ProxyPlan {
	/** `http://127.0.0.1:5000`. */
	readonly upstream: string;
	readonly host: string;
	readonly httpsPort: number;
	readonly address?: string;
	readonly certificate: string;
	readonly key: string;
	/** Whether `<host>/<repository>/<image>` is meant to work. */
	readonly path: boolean;
	/** Hosts that mean a repository. */
	readonly subdomains: readonly {readonly host: string; readonly repository: string}[];
	/** Hosts that the registry itself knows by its bindings. */
	readonly boundHosts: readonly string[];
	readonly ports: readonly {readonly port: number; readonly repository: string}[];
	/** What an operator should know, a sentence each. */
	readonly remarks: readonly string[];
	readonly files?: {readonly prefix: string; readonly folder: string; readonly header: string};
}

/** What a host name can hold (RFC 1123, section 2.1). */
const hostLabel = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/i;

export function planProxy(request: ProxyRequest): ProxyPlan {
	const {configuration, methods, repositories, httpsPort, address, certificate, key} = request;
	const host = request.host ?? publicHost(configuration);
	const named = methods.includes('subdomain') ? repositories.filter(name => hostLabel.test(name)) : [];
	return {
		upstream: upstreamOf(configuration),
		host,
		httpsPort,
		address,
		certificate,
		key,
		path: methods.includes('path'),
		subdomains: named.map(repository => ({host: `${repository}.${host}`.toLowerCase(), repository})),
		boundHosts: configuration.bindings.flatMap(binding =>
			binding.host === undefined ? [] : [binding.host.toLowerCase()],
		),
		ports: methods.includes('port') ? portsOf(request) : [],
		remarks: remarksOn(request),
		files: configuration.accelRedirect,
	};
}

function publicHost({baseUrl, subdomainsOf}: ProxyRequest['configuration']): string {
	return baseUrl === undefined ? (subdomainsOf[0] ?? 'registry.example') : new URL(baseUrl).hostname;
}

function upstreamOf({listen, tls}: ProxyRequest['configuration']): string {
	const {host, port} = parseListenAddress(listen) ?? {host: '127.0.0.1', port: 5000};
	const reached = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host;
	return `${tls === undefined ? 'http' : 'https'}://${toHostAndPort({host: reached, port})}`;
}

function portsOf({repositories, firstPort, ports}: ProxyRequest): ProxyPlan['ports'] {
	const taken = new Set(Object.values(ports));
	let next = firstPort;
	return repositories.map(repository => {
		const given = ports[repository];
		if (given !== undefined) {
			return {port: given, repository};
		}
		while (taken.has(next)) {
			next++;
		}
		return {port: next++, repository};
	});
}

function remarksOn({configuration, methods, repositories}: ProxyRequest): readonly string[] {
	const nameless = methods.includes('subdomain') ? repositories.filter(name => !hostLabel.test(name)) : [];
	return [
		...(configuration.trustedProxies.length === 0
			? ['The registry believes this proxy only if its configuration names it: trustedProxies: [127.0.0.1, "::1"]']
			: []),
		...nameless.map(name => `No host name can hold "${name}": use another method for it.`),
	];
}
