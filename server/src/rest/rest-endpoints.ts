import {dockerEndpoints} from './docker/docker-endpoints.ts';
import type {Endpoint} from './endpoint.ts';
import {itemEndpoints} from './items/item-endpoints.ts';
import {maintenanceEndpoints} from './maintenance/maintenance-endpoints.ts';
import {openApiEndpoint} from './openapi/openapi-endpoint.ts';
import {repositoryEndpoints} from './repositories/repository-endpoints.ts';
import type {RestParts} from './rest-parts.ts';
import {searchEndpoints} from './search/search-endpoints.ts';
import {securityEndpoints} from './security/security-endpoints.ts';
import {systemEndpoints} from './system/system-endpoints.ts';

/** Every endpoint of the REST API, with the one that describes them all. */
export function restEndpoints(parts: RestParts): readonly Endpoint[] {
	const endpoints: readonly Endpoint[] = [
		...repositoryEndpoints(parts),
		...dockerEndpoints(parts),
		...securityEndpoints(parts),
		...systemEndpoints(parts),
		...maintenanceEndpoints(parts),
		...itemEndpoints(parts),
		...searchEndpoints(parts),
	];
	return [...endpoints, openApiEndpoint(endpoints)];
}
