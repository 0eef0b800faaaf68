import type {Endpoint} from '../endpoint.ts';
import type {RestParts} from '../rest-parts.ts';
import {migrateEndpoint} from './migrate.ts';
import {parentsEndpoint} from './parents.ts';
import {promoteEndpoint} from './promote.ts';

/** What is asked of images below `/api/docker`, besides the distribution specification. */
export function dockerEndpoints(parts: RestParts): readonly Endpoint[] {
	return [promoteEndpoint(parts), migrateEndpoint(parts), parentsEndpoint(parts)];
}
