import type {Endpoint} from './endpoint.ts';
import {openApiEndpoint} from './openapi/openapi-endpoint.ts';
import {repositoryEndpoints} from './repositories/repository-endpoints.ts';
import type {RestParts} from './rest-parts.ts';
import {systemEndpoints} from './system/system-endpoints.ts';

/** Every endpoint of the REST API, with the one that describes them all. */
export function restEndpoints(parts: RestParts): readonly Endpoint[] {
	const endpoints: readonly Endpoint[] = [...repositoryEndpoints(parts), ...systemEndpoints(parts)];
	return [...endpoints, openApiEndpoint(endpoints)];
}
