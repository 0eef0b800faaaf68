import {ItemRemoval} from '@stowage/core';
import {Type} from 'typebox';
import {type Endpoint, defineEndpoint} from '../endpoint.ts';
import type {RestParts} from '../rest-parts.ts';
import {readItemPath} from './asked-item.ts';

/** `DELETE /<key>/<path>`. */
export function deleteItemEndpoint(parts: RestParts): Endpoint {
	const removal = new ItemRemoval(parts);
	return defineEndpoint({
		method: 'DELETE',
		path: '/:repository/*path',
		access: {action: 'delete', repository: 'repository'},
		audit: 'item.delete',
		tag: 'items',
		summary: 'Deletes a tag, an image, or all images of a folder.',
		description:
			'With all that only they needed: entries of an index, signatures, attestations. Layers go by themselves when no manifest needs them any more.',
		params: Type.Object({repository: Type.String(), path: Type.String()}),
		answers: {
			204: {description: 'It is gone.'},
			400: {description: 'The repository does not have it itself.'},
			403: {description: 'A right is missing, or a tag is immutable.'},
			404: {description: 'There is no such item.'},
			409: {description: 'Something else needs it: it is a layer, or in an index.'},
		},
		async handle({params: {repository, path}, caller, demand, signal}) {
			await removal.remove(repository, readItemPath(path), {caller, demand, signal});
			return {status: 204};
		},
	});
}
