import type {Endpoint} from '../endpoint.ts';
import type {RestParts} from '../rest-parts.ts';
import {pingEndpoints} from './ping.ts';

/** What is asked of the server as a whole. */
export function systemEndpoints(_parts: RestParts): readonly Endpoint[] {
	return pingEndpoints();
}
