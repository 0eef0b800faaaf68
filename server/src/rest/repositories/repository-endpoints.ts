import type {Endpoint} from '../endpoint.ts';
import type {RestParts} from '../rest-parts.ts';
import {changeRepositoryEndpoints} from './change-endpoints.ts';
import {projectEndpoints} from './project-endpoints.ts';
import {readRepositoryEndpoints} from './read-endpoints.ts';

/** Repositories, in Artifactory's words. */
export function repositoryEndpoints(parts: RestParts): readonly Endpoint[] {
	return [...readRepositoryEndpoints(parts), ...changeRepositoryEndpoints(parts), ...projectEndpoints(parts)];
}
