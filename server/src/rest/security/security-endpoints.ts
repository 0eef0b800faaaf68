import type {Endpoint} from '../endpoint.ts';
import type {RestParts} from '../rest-parts.ts';
import {accessGroupEndpoints} from './access-group-endpoints.ts';
import {accessTokenEndpoints} from './access-token-endpoints.ts';
import {accessUserEndpoints} from './access-user-endpoints.ts';
import {apiKeyEndpoints} from './api-key-endpoints.ts';
import {auditEndpoint} from './audit-endpoint.ts';
import {groupEndpoints} from './group-endpoints.ts';
import {legacyTokenEndpoints} from './legacy-token-endpoints.ts';
import {passwordEndpoints} from './password-endpoints.ts';
import {permissionV1Endpoints} from './permission-v1-endpoints.ts';
import {permissionV2Endpoints} from './permission-v2-endpoints.ts';
import {createSecurityParts} from './security-parts.ts';
import {tokenExchangeEndpoint} from './token-exchange-endpoint.ts';
import {userEndpoints} from './user-endpoints.ts';

/** Users, groups, permission targets, tokens and keys, in Artifactory's words. */
export function securityEndpoints(parts: RestParts): readonly Endpoint[] {
	const security = createSecurityParts(parts);
	return [
		...passwordEndpoints(security),
		...userEndpoints(security),
		...groupEndpoints(security),
		...permissionV1Endpoints(security),
		...permissionV2Endpoints(security),
		...apiKeyEndpoints(security),
		...legacyTokenEndpoints(security),
		...accessTokenEndpoints(security),
		tokenExchangeEndpoint(security),
		...accessUserEndpoints(security),
		...accessGroupEndpoints(security),
		auditEndpoint(security),
	];
}
