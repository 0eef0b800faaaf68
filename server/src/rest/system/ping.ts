import {type Endpoint, defineEndpoint} from '../endpoint.ts';

/** Whether there is a server at all; asked by every client before anything else. */
export function pingEndpoints(): readonly Endpoint[] {
	return (['/api/system/ping', '/access/api/v1/system/ping'] as const).map(path =>
		defineEndpoint({
			method: 'GET',
			path,
			access: 'public',
			tag: 'system',
			summary: 'Answers `OK` when the server runs.',
			answers: {200: {description: '`OK`', contentType: 'text/plain'}},
			handle: () => ({text: 'OK'}),
		}),
	);
}
