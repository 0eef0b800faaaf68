import type {HttpContext} from '../http-context.ts';

/** The value of a query parameter; the first when it is there more than once. */
export function findParameter(context: HttpContext, name: string): string | undefined {
	const value = context.query[name];
	return Array.isArray(value) ? value[0] : value;
}

/** All values of a query parameter. */
export function listParameter(context: HttpContext, name: string): readonly string[] {
	const value = context.query[name] ?? [];
	return Array.isArray(value) ? value : [value];
}
