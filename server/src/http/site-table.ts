import type {IncomingHttpHeaders, IncomingMessage} from 'node:http';
import {RegistryError} from '@stowage/core';
import type {Binding} from '../config/configuration.ts';
import type {Site} from './site.ts';
import type {TrustedProxies} from './trusted-proxies.ts';

export interface SiteTableOptions {
	readonly baseUrl?: string;
	readonly bindings: readonly Binding[];
	readonly subdomainsOf: readonly string[];
	/** Names of all protocols that are spoken. */
	readonly protocols: readonly string[];
}

/** What a request says about how it came here. Two requests with the same words are at the same site. */
interface Arrival {
	readonly encrypted: boolean;
	readonly localPort: number;
	readonly host: string;
	readonly forwarded?: Forwarded;
}

interface Forwarded {
	readonly proto: string;
	readonly host: string;
	readonly port: string;
	readonly base: string;
	/** Key of the repository that the proxy says is meant. */
	readonly repository: string;
}

/** How many sites are remembered at a time; anybody may ask under any host name. */
const rememberedSites = 1000;

const hostGrammar = /^(?:[a-z0-9](?:[a-z0-9._-]{0,251}[a-z0-9])?|\[[0-9a-f:.]{2,45}\])(?::\d{1,5})?$/i;

/** From host and port to site: bindings, subdomains, the configured base URL, and what trusted proxies say. */
export class SiteTable {
	readonly #options: SiteTableOptions;
	readonly #proxies: TrustedProxies;
	readonly #sites = new Map<string, Site>();

	constructor(options: SiteTableOptions, proxies: TrustedProxies) {
		this.#options = options;
		this.#proxies = proxies;
	}

	/** Throws `UNSUPPORTED` with status 400 when the request names no possible host. */
	find(request: IncomingMessage): Site {
		const {socket, headers} = request;
		const encrypted = 'encrypted' in socket;
		const host = headers.host ?? '';
		const localPort = socket.localPort ?? 0;
		const forwarded = this.#proxies.trusts(socket.remoteAddress) ? readForwarded(headers) : undefined;
		const key = `${encrypted ? 's' : ''}${localPort} ${host}${forwarded === undefined ? '' : words(forwarded)}`;
		return this.#sites.get(key) ?? this.#remember(key, {encrypted, localPort, host, forwarded});
	}

	#remember(key: string, arrival: Arrival): Site {
		const site = this.#resolve(arrival);
		if (this.#sites.size >= rememberedSites) {
			this.#sites.clear();
		}
		this.#sites.set(key, site);
		return site;
	}

	#resolve(arrival: Arrival): Site {
		const {forwarded} = arrival;
		const host = checkHost(forwarded?.host || arrival.host || `localhost:${arrival.localPort}`);
		const bound = this.#findBound(host.toLowerCase(), arrival);
		const base = findBase(forwarded?.base) ?? (bound === undefined ? findBase(this.#options.baseUrl) : undefined);
		if (base !== undefined) {
			return {host: base.host, origin: base.origin + base.pathname.replace(/\/+$/, ''), absolute: true, bound};
		}
		const scheme = this.#scheme(arrival);
		const withPort = addPort(host, scheme, forwarded?.port ?? '');
		const said = forwarded !== undefined && (forwarded.proto || forwarded.host || forwarded.port) !== '';
		return {host: withPort, origin: `${scheme}://${withPort}`, absolute: said, bound};
	}

	/** Behind a proxy that says nothing, a bound host has the scheme of the configured base URL. */
	#scheme({forwarded, encrypted}: Arrival): string {
		if (forwarded?.proto === 'http' || forwarded?.proto === 'https') {
			return forwarded.proto;
		}
		return encrypted || findBase(this.#options.baseUrl)?.protocol === 'https:' ? 'https' : 'http';
	}

	#findBound(host: string, {localPort, forwarded}: Arrival): Site['bound'] {
		if (forwarded !== undefined && forwarded.repository !== '') {
			return this.#allProtocols(forwarded.repository);
		}
		const name = host.replace(/:\d+$/, '');
		const isPort = (port: number) => port === localPort || String(port) === forwarded?.port;
		let best: Binding | undefined;
		for (const binding of this.#options.bindings) {
			const hostFits = binding.host === undefined || [name, host].includes(binding.host.toLowerCase());
			const portFits = binding.port === undefined || isPort(binding.port);
			if (hostFits && portFits && (best === undefined || weight(binding) > weight(best))) {
				best = binding;
			}
		}
		return best?.repositories ?? this.#findSubdomain(name);
	}

	#findSubdomain(name: string): Site['bound'] {
		for (const domain of this.#options.subdomainsOf) {
			const end = `.${domain.toLowerCase()}`;
			if (name.length > end.length && name.endsWith(end)) {
				return this.#allProtocols(name.slice(0, -end.length));
			}
		}
		return undefined;
	}

	#allProtocols(key: string): Site['bound'] {
		return Object.fromEntries(this.#options.protocols.map(protocol => [protocol, key]));
	}
}

/** A binding that names host and port is nearer than one that names a host, and that nearer than a port. */
function weight(binding: Binding): number {
	return (binding.host === undefined ? 0 : 2) + (binding.port === undefined ? 0 : 1);
}

function readForwarded(headers: IncomingHttpHeaders): Forwarded {
	return {
		proto: first(headers['x-forwarded-proto']).toLowerCase(),
		host: first(headers['x-forwarded-host']),
		port: /^\d{1,5}$/.exec(first(headers['x-forwarded-port']))?.[0] ?? '',
		base: first(headers['x-jfrog-override-base-url']) || first(headers['x-artifactory-override-base-url']),
		repository: /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.exec(first(headers['x-stowage-repository']))?.[0] ?? '',
	};
}

function words({proto, host, port, base, repository}: Forwarded): string {
	return ` ${proto} ${host} ${port} ${base} ${repository}`;
}

/** Of several values, one for each proxy, the first is of the proxy that the client talked to. */
function first(header: string | string[] | undefined): string {
	const text = Array.isArray(header) ? (header[0] ?? '') : (header ?? '');
	const comma = text.indexOf(',');
	return (comma < 0 ? text : text.slice(0, comma)).trim();
}

function checkHost(host: string): string {
	if (!hostGrammar.test(host)) {
		throw new RegistryError('UNSUPPORTED', 'the Host header names no possible host', {status: 400});
	}
	return host;
}

function findBase(text: string | undefined): URL | undefined {
	const url = text ? URL.parse(text) : null;
	const usable = url !== null && (url.protocol === 'https:' || url.protocol === 'http:') && url.username === '';
	return usable ? url : undefined;
}

function addPort(host: string, scheme: string, port: string): string {
	const usual = scheme === 'https' ? '443' : '80';
	return port === '' || port === usual || /:\d+$/.test(host) ? host : `${host}:${port}`;
}
