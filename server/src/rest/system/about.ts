import {Type} from 'typebox';
import {version} from '../../cli/version.ts';
import {type Endpoint, defineEndpoint} from '../endpoint.ts';
import type {RestParts} from '../rest-parts.ts';

/** The release of Artifactory whose API this one is like: clients compare it to know what they can ask. */
const likeArtifactory = '7.77.3';

/** What and who this server is, and calls by which clients tell of their use. */
export function aboutEndpoints(parts: RestParts): readonly Endpoint[] {
	return [versionEndpoint(), statusEndpoint(), licenseEndpoint(), serviceIdEndpoint(parts), ...usageEndpoints()];
}

function versionEndpoint(): Endpoint {
	return defineEndpoint({
		method: 'GET',
		path: '/api/system/version',
		access: 'signed-in',
		tag: 'system',
		summary: 'The release of Artifactory that this API is like, and as `revision` our own.',
		answers: {
			200: {
				description: 'The versions.',
				schema: Type.Object({
					version: Type.String(),
					revision: Type.String(),
					addons: Type.Array(Type.String()),
					license: Type.String(),
				}),
			},
		},
		handle: () => ({
			json: {version: likeArtifactory, revision: `stowage-${version}`, addons: [], license: 'Apache-2.0'},
		}),
	});
}

function statusEndpoint(): Endpoint {
	return defineEndpoint({
		method: 'GET',
		path: '/api/system/status',
		access: 'signed-in',
		tag: 'system',
		summary: 'Whether the server works; `/readyz` says of what it does not.',
		answers: {200: {description: 'It does.', schema: Type.Object({status: Type.Literal('OK')})}},
		handle: () => ({json: {status: 'OK'}}),
	});
}

function licenseEndpoint(): Endpoint {
	return defineEndpoint({
		method: 'GET',
		path: '/api/system/license',
		access: 'admin',
		tag: 'system',
		summary: 'The licence, which never ends.',
		answers: {
			200: {
				description: 'The licence.',
				schema: Type.Object({type: Type.String(), validThrough: Type.String(), licensedTo: Type.String()}),
			},
		},
		handle: () => ({json: {type: 'Apache-2.0', validThrough: '', licensedTo: ''}}),
	});
}

function serviceIdEndpoint({authenticator}: RestParts): Endpoint {
	return defineEndpoint({
		method: 'GET',
		path: '/api/system/service_id',
		access: 'signed-in',
		tag: 'system',
		summary: 'A word that no other installation has; all its nodes have the same, and its tokens name it.',
		answers: {200: {description: 'The word.', contentType: 'text/plain'}},
		handle: () => ({text: authenticator.accessTokens.issuer}),
	});
}

/** By which JFrog's clients tell of themselves: taken from anybody, and forgotten. */
function usageEndpoints(): readonly Endpoint[] {
	return [
		defineEndpoint({
			method: 'POST',
			path: '/api/system/usage',
			access: 'public',
			tag: 'system',
			summary: 'Takes what a client says of its use, and forgets it.',
			answers: {200: {description: 'Always.', contentType: 'text/plain'}},
			handle: () => ({text: ''}),
		}),
	];
}
