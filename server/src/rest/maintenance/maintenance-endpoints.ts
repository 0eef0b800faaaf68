import type {Endpoint} from '../endpoint.ts';
import type {RestParts} from '../rest-parts.ts';
import {collectionEndpoints} from './collection-endpoints.ts';
import {retentionEndpoints} from './retention-endpoints.ts';

/** What keeps the store clean. */
export function maintenanceEndpoints(parts: RestParts): readonly Endpoint[] {
	return [...collectionEndpoints(parts), ...retentionEndpoints(parts)];
}
