import type {IncomingMessage} from 'node:http';
import {type Repositories, RegistryError} from '@stowage/core';
import {namespaceOf} from './namespace.ts';
import {type Site, absoluteUrl} from './site.ts';
import type {SiteTable} from './site-table.ts';

/** What a request's host, port and path say. */
export interface Address {
	readonly site: Site;
	/** Undefined for the server's own paths. */
	readonly protocol?: string;
	/** Key of the repository; undefined where none is named. */
	readonly repository?: string;
	/** The rest of the path, that routes see; the whole path where there is no protocol. */
	readonly path: string;
	/** What the client puts before `path`. */
	readonly prefix: string;
	/** Where the protocol begins for the client: its token end-point is below. */
	readonly root: string;
	/** What the client puts before image names: `<key>/` where the path names the repository, else nothing. */
	readonly namePrefix: string;
	/** `path` with all before it, as a plain path of this server. */
	readonly fullPath: string;
	/** The registry that the client takes this one for: the `ns` parameter. */
	readonly namespace?: string;
}

/** The part of the repositories that knows which there are, and which of them serves what other registries have. */
export type KnownMirrors = Pick<Repositories, 'findMirror' | 'isMirror' | 'has'>;

/** Paths of `/v2` that belong to no repository when the path names it. */
const ownPaths: ReadonlySet<string> = new Set(['/', '/_catalog', '/token']);

const keyGrammar = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

/** The one table from host, port and path to repository and protocol. Asked once a request, before authentication. */
export class Addressing {
	readonly #sites: SiteTable;
	readonly #protocols: ReadonlySet<string>;
	readonly #mirrors: KnownMirrors;

	constructor(sites: SiteTable, protocols: readonly string[], mirrors: KnownMirrors = {}) {
		this.#sites = sites;
		this.#mirrors = mirrors;
		this.#protocols = new Set(protocols);
	}

	/** Throws `UNSUPPORTED` with status 404 where no repository speaks the protocol, and `NAME_INVALID` for odd paths. */
	find(request: IncomingMessage): Address {
		const site = this.#sites.find(request);
		const path = pathOf(request.url ?? '/');
		const slash = path.indexOf('/', 1);
		const word = slash < 0 ? path.slice(1) : path.slice(1, slash);
		if (this.#protocols.has(word)) {
			const rest = slash < 0 ? '/' : decodeColons(path.slice(slash));
			const namespace = word === 'v2' && !ownPaths.has(rest) ? namespaceOf(request.url ?? '/') : undefined;
			if (namespace !== undefined) {
				return this.#findFor(namespace, site, rest);
			}
			return this.#speaks(site, word) ? byBinding(site, word, rest) : byPath(site, word, rest);
		}
		return this.#findInApi(site, path, request.url ?? '/');
	}

	/**
	 * For a client of a mirror. A bound host means its repository, unless that is known to serve other registries only. Else
	 * the path is that of the registry meant, and its mirror is asked. Only the key of a mirror of that registry may come
	 * first in it, as containerd's `override_path` has it: were it that of any repository, who may push there would replace
	 * the images of the upstream's name space of that word.
	 */
	#findFor(namespace: string, site: Site, rest: string): Address {
		const {bound} = site;
		if (bound !== undefined) {
			const address = byBinding(site, 'v2', rest);
			if (!this.#serves(namespace, bound['v2'] ?? '')) {
				throw servedByNobody(namespace);
			}
			return {...address, namespace};
		}
		const first = rest.slice(1).split('/', 1)[0] ?? '';
		if (this.#mirrors.isMirror?.(namespace, first) === true) {
			return {...byPath(site, 'v2', rest), namespace};
		}
		const repository = this.#mirrors.findMirror?.(namespace);
		if (repository !== undefined) {
			const place = {site, protocol: 'v2', repository, path: rest, prefix: '/v2', root: '/v2', fullPath: `/v2${rest}`};
			// Scopes of tokens name the repository, for the token end-point is not told the registry.
			return {...place, namePrefix: `${repository}/`, namespace};
		}
		// Who came by another name means this registry itself, where the first word is a key.
		if (namespace === site.host.toLowerCase()) {
			return byPath(site, 'v2', rest);
		}
		throw servedByNobody(namespace);
	}

	/**
	 * Whether a host or port says which repository is meant. Plugins' protocols are asked without one where there is none:
	 * they may have answers for the whole server.
	 */
	#speaks({bound}: Site, protocol: string): boolean {
		const key = bound?.[protocol];
		return bound !== undefined && (protocol === 'v2' || (key !== undefined && this.#mirrors.has?.(key) !== false));
	}

	#serves(namespace: string, key: string): boolean {
		return this.#mirrors.findMirror === undefined || this.#mirrors.findMirror(namespace, key) !== undefined;
	}

	/**
	 * `/api/docker/<key>/<protocol>/...`, also below `/artifactory`. The path names the repository, so that a client of a mirror
	 * who means a registry that it does not serve is served by nobody.
	 */
	#findInApi(site: Site, path: string, url: string): Address {
		const outer = path.startsWith('/artifactory/') ? '/artifactory' : '';
		const fullPath = path.slice(outer.length);
		const [, api, docker, key = '', protocol = '', ...rest] = fullPath.split('/', 6);
		if (api !== 'api' || docker !== 'docker' || !this.#protocols.has(protocol) || rest.length === 0) {
			return {site, path: fullPath, prefix: outer, root: outer, namePrefix: '', fullPath};
		}
		const inner = `/api/docker/${key}/${protocol}`;
		const prefix = outer + inner;
		const place = {site, protocol, path: decodeColons(fullPath.slice(inner.length)), prefix, root: prefix, fullPath};
		if (key === 'null' && place.path === '/token') {
			return {...place, namePrefix: ''};
		}
		const named = {...place, repository: checkKey(key), namePrefix: ''};
		const namespace = protocol === 'v2' && !ownPaths.has(place.path) ? namespaceOf(url) : undefined;
		if (namespace === undefined) {
			return named;
		}
		// Whether there is such a repository at all is told later, to who may know.
		if (this.#mirrors.has?.(key) !== false && !this.#serves(namespace, key)) {
			throw servedByNobody(namespace, '; if this registry is meant, its baseUrl has to say so');
		}
		return {...named, namespace};
	}
}

/** An address of something below the same prefix, to be shown to the client. `path` begins with a slash. */
export function locationOf(address: Address, path: string): string {
	const whole = address.prefix + path;
	return address.site.absolute ? absoluteUrl(address.site, whole) : whole;
}

function servedByNobody(namespace: string, hint = ''): RegistryError {
	return new RegistryError('NAME_UNKNOWN', `nothing here serves ${namespace}${hint}`);
}

function byBinding(site: Site, protocol: string, path: string): Address {
	const repository = site.bound?.[protocol];
	if (repository === undefined) {
		throw new RegistryError('UNSUPPORTED', `no repository speaks ${protocol} under this host`, {status: 404});
	}
	const prefix = `/${protocol}`;
	return {site, protocol, repository, path, prefix, root: prefix, namePrefix: '', fullPath: prefix + path};
}

function byPath(site: Site, protocol: string, rest: string): Address {
	const root = `/${protocol}`;
	const fullPath = root + rest;
	if (protocol !== 'v2' || ownPaths.has(rest)) {
		return {site, protocol, path: rest, prefix: root, root, namePrefix: '', fullPath};
	}
	const slash = rest.indexOf('/', 1);
	// No key begins with "_": such words are those of extensions (specification, "Extensions").
	if (slash < 0 || ownPaths.has(rest.slice(slash)) || rest.startsWith('/_')) {
		throw new RegistryError('UNSUPPORTED', 'no such end-point', {status: 404});
	}
	const repository = checkKey(rest.slice(1, slash));
	const namePrefix = `${repository}/`;
	return {
		site,
		protocol,
		repository,
		path: rest.slice(slash),
		prefix: `${root}/${repository}`,
		root,
		namePrefix,
		fullPath,
	};
}

function checkKey(key: string): string {
	if (!keyGrammar.test(key)) {
		throw new RegistryError('NAME_INVALID', 'invalid repository key');
	}
	return key;
}

/** Without the query. A proxy's absolute form has scheme and host in front (RFC 9112, section 3.2.2). */
function pathOf(url: string): string {
	const query = url.indexOf('?');
	const path = query < 0 ? url : url.slice(0, query);
	return path.startsWith('/') ? path : path.replace(/^https?:\/\/[^/]*/i, '') || '/';
}

/** No name, tag or digest has anything that needs escapes; some clients write the colon of a digest as one. */
function decodeColons(path: string): string {
	if (!path.includes('%')) {
		return path;
	}
	const decoded = path.replaceAll(/%3a/gi, ':');
	if (decoded.includes('%')) {
		throw new RegistryError('NAME_INVALID', 'the path has escapes that no name has');
	}
	return decoded;
}
