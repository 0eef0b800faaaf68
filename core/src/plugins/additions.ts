import {PluginError} from './plugin-error.ts';
import type {ProtocolOptions} from './protocol-options.ts';
import type {Routes} from './routes.ts';

export interface AddedProtocol {
	/** Name of the plugin. */
	readonly plugin: string;
	readonly name: string;
	readonly define: (routes: Routes) => void;
	readonly options?: ProtocolOptions;
}

export interface AddedRoutes {
	/** Name of the plugin. */
	readonly plugin: string;
	readonly prefix: `/${string}`;
	readonly define: (routes: Routes) => void;
}

export interface ReservedNames {
	readonly protocols: readonly string[];
	readonly prefixes: readonly string[];
}

/** What plugins have added to the server, with nothing said twice. */
export class Additions {
	readonly #protocols: AddedProtocol[] = [];
	readonly #routes: AddedRoutes[] = [];
	readonly #reserved: ReservedNames;

	constructor(reserved: ReservedNames) {
		this.#reserved = reserved;
	}

	get protocols(): readonly AddedProtocol[] {
		return this.#protocols;
	}

	get routes(): readonly AddedRoutes[] {
		return this.#routes;
	}

	/** Throws `PluginError` when the server or another plugin speaks it. */
	addProtocol(added: AddedProtocol): void {
		const taken = this.#protocols.find(({name}) => name === added.name)?.plugin;
		const reserved = this.#reserved.protocols.includes(added.name);
		if (reserved || taken !== undefined) {
			const owner = reserved ? 'the server' : `"${taken}"`;
			throw new PluginError(added.plugin, `adds the protocol "${added.name}", which is that of ${owner} already`);
		}
		this.#protocols.push(added);
	}

	/** Throws `PluginError` when a path could belong to another prefix as well. */
	addRoutes(added: AddedRoutes): void {
		if (!/^(?:\/[A-Za-z0-9._~-]+)+$/.test(added.prefix)) {
			throw new PluginError(added.plugin, `adds routes below "${added.prefix}", which is not a plain path`);
		}
		const reserved = this.#reserved.prefixes.find(prefix => clash(prefix, added.prefix));
		const taken = this.#routes.find(({prefix}) => clash(prefix, added.prefix));
		if (reserved !== undefined || taken !== undefined) {
			const owner = reserved === undefined ? `"${taken?.plugin}"` : 'the server';
			const other = reserved ?? taken?.prefix;
			throw new PluginError(added.plugin, `adds routes below "${added.prefix}", but ${owner} has "${other}" already`);
		}
		this.#routes.push(added);
	}
}

function clash(one: string, other: string): boolean {
	return `${one}/`.startsWith(`${other}/`) || `${other}/`.startsWith(`${one}/`);
}
