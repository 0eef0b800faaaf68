import type {RouteAccess, RouteMethod} from '@stowage/core';

/** A route as it was defined: what the gate asks, and what measurements and the list of all routes show. */
export interface Route {
	/** Name of the protocol, or the prefix, of the table that it is in. */
	readonly table: string;
	readonly method: RouteMethod;
	/** The pattern. */
	readonly path: string;
	readonly access: RouteAccess;
	/** What the audit log calls a use; undefined where none is kept. */
	readonly audit?: string;
}
