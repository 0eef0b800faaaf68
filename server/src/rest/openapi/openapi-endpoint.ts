import {Type} from 'typebox';
import {type Endpoint, defineEndpoint} from '../endpoint.ts';
import {openApiDocument} from './openapi-document.ts';

/** `GET /api/openapi.json`: the description of all these endpoints, and of this one. */
export function openApiEndpoint(others: readonly Endpoint[]): Endpoint {
	let document: string | undefined;
	const endpoint: Endpoint = defineEndpoint({
		method: 'GET',
		path: '/api/openapi.json',
		access: 'public',
		tag: 'system',
		summary: 'The description of this API in the form of OpenAPI 3.1.',
		answers: {200: {description: 'The document.', schema: Type.Object({}, {additionalProperties: true})}},
		handle() {
			document ??= JSON.stringify(openApiDocument([...others, endpoint]));
			return {text: document, mediaType: 'application/json'};
		},
	});
	return endpoint;
}
