import {
	type ProtocolOptions,
	RegistryError,
	type RouteAccess,
	type RouteContext,
	type RouteMethod,
	type RouteOptions,
	type Routes,
	findKeyProblem,
} from '@stowage/core';
import type {Address} from './addressing.ts';
import type {HttpContext} from './http-context.ts';
import {type Guard, RouteTable} from './route-table.ts';
import type {Route} from './route.ts';

/** All route tables of the server: one for each protocol, one for its own paths, one for each prefix. */
export class RouteTables {
	readonly #guard: Guard;
	readonly #protocols = new Map<string, RouteTable>();
	/** With the prefixes that they serve, the longest first. */
	readonly #prefixes: {readonly prefix: string; readonly table: RouteTable}[] = [];
	#items: RouteTable | undefined;

	constructor(guard: Guard) {
		this.#guard = guard;
	}

	/** The table of a protocol; its routes see what is left of the path. Throws when there is one already. */
	protocol(name: string, errors: 'oci' | 'rest', protocol?: ProtocolOptions): RouteTable {
		if (this.#protocols.has(name)) {
			throw new Error(`the protocol "${name}" is spoken already`);
		}
		const table = new RouteTable({name, errors, protocol, guard: this.#guard});
		this.#protocols.set(name, table);
		return table;
	}

	/** The table of the server's own paths. */
	own(): RouteTable {
		return this.#add('');
	}

	/** The table of what repositories hold: paths that begin with what may be the key of one, and that are nothing else. */
	items(): RouteTable {
		return (this.#items ??= new RouteTable({name: 'server', errors: 'rest', guard: this.#guard}));
	}

	/** A table of routes below `prefix`, which their paths leave out. Throws when one of the tables' prefixes begins with another. */
	below(prefix: string): Routes {
		const taken = [...[...this.#protocols.keys()].map(name => `/${name}`), ...this.#prefixes.map(one => one.prefix)];
		const other = taken.find(
			one => one !== '' && (`${one}/`.startsWith(`${prefix}/`) || `${prefix}/`.startsWith(`${one}/`)),
		);
		if (other !== undefined) {
			throw new Error(`routes below "${prefix}" would hide or be hidden by those below "${other}"`);
		}
		const table = this.#add(prefix);
		return {
			route(
				method: RouteMethod,
				path: string,
				access: RouteAccess,
				handler: (context: RouteContext) => void | Promise<void>,
				options?: RouteOptions,
			) {
				table.route(method, prefix + path, access, handler, options);
			},
		};
	}

	list(): readonly Route[] {
		const tables = [...this.#protocols.values(), ...this.#prefixes.map(({table}) => table), this.#items];
		return tables.flatMap(table => table?.list() ?? []);
	}

	/** Runs the route that the address and the method mean. Throws `UNSUPPORTED` with 404 or 405 when there is none. */
	async run(context: HttpContext, address: Address): Promise<void> {
		context.table = address.protocol === undefined ? undefined : this.#protocols.get(address.protocol);
		if (context.table !== undefined && (await context.table.run(context, address.path))) {
			return;
		}
		const path = `${address.fullPath}/`;
		// Paths of a protocol may be those of a prefix too, such as /api, and never the server's own.
		const below = this.#prefixes.find(
			({prefix}) => path.startsWith(`${prefix}/`) && (prefix !== '' || address.protocol === undefined),
		)?.table;
		if (below === undefined) {
			throw unknownPath();
		}
		const spoken = context.table;
		context.table = below;
		context.set('X-Request-Id', context.requestId);
		if (!(await below.run(context, address.fullPath)) && !(await this.#runItems(context, below, address.fullPath))) {
			context.table = below.name.startsWith('/') ? below : spoken;
			throw unknownPath();
		}
	}

	async #runItems(context: HttpContext, tried: RouteTable, path: string): Promise<boolean> {
		const slash = path.indexOf('/', 1);
		const named = tried.name === 'server' && slash > 0 && findKeyProblem(path.slice(1, slash)) === undefined;
		if (!named || this.#items === undefined) {
			return false;
		}
		context.table = this.#items;
		return this.#items.run(context, path);
	}

	#add(prefix: string): RouteTable {
		const table = new RouteTable({name: prefix === '' ? 'server' : prefix, errors: 'rest', guard: this.#guard});
		this.#prefixes.push({prefix, table});
		this.#prefixes.sort((one, other) => other.prefix.length - one.prefix.length);
		return table;
	}
}

function unknownPath(): RegistryError {
	return new RegistryError('UNSUPPORTED', 'no such end-point', {status: 404});
}
