import type {Endpoint} from '../endpoint.ts';
import type {RestParts} from '../rest-parts.ts';
import {aboutEndpoints} from './about.ts';
import {configurationEndpoints} from './configuration.ts';
import {pingEndpoints} from './ping.ts';
import {storageInfoEndpoints} from './storage-info.ts';

/** What is asked of the server as a whole. */
export function systemEndpoints(parts: RestParts): readonly Endpoint[] {
	return [
		...pingEndpoints(),
		...aboutEndpoints(parts),
		...configurationEndpoints(parts),
		...storageInfoEndpoints(parts),
	];
}
