import type {IncomingHttpHeaders} from 'node:http';

/**
 * Whether 404 to HEAD does not say that nothing is there: a virtual repository answers so to who may push when it cannot
 * know, and says by a warning that it does not.
 */
export function isDoubtful(headers: IncomingHttpHeaders): boolean {
	return headers['warning'] !== undefined;
}
