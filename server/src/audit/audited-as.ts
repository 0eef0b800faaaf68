import type {Route} from '../http/route.ts';

const longest = 255;
const reading: ReadonlySet<string> = new Set(['GET', 'HEAD']);

/** What the audit log calls a use of the route, by what its definition says of it; undefined when none is kept. */
export function auditedAs(route: Omit<Route, 'audit'>, told: string | false | undefined): string | undefined {
	if (told !== undefined) {
		return told === false ? undefined : told;
	}
	const {method, access} = route;
	const readsOnly = typeof access === 'object' && access.action === 'read';
	return reading.has(method) || access === 'public' || readsOnly ? undefined : nameOfRoute(route);
}

/** The method and the pattern of the path, with the protocol where that does not show. */
export function nameOfRoute({method, table, path}: Omit<Route, 'audit'>): string {
	const prefix = path.startsWith(`${table}/`) || table === 'server' ? '' : `/${table}`;
	return `${method} ${prefix}${path}`.slice(0, longest);
}
