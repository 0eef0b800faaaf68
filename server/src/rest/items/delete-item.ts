import {ItemRemoval} from '@stowage/core';
import {Type} from 'typebox';
import {type Endpoint, defineEndpoint} from '../endpoint.ts';
import type {RestParts} from '../rest-parts.ts';
import {readItemPath} from './asked-item.ts';
import {deleteV1Item} from './delete-v1-item.ts';

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
			'With all that only they needed: entries of an index, signatures, attestations. A config or a layer goes with the last manifest that needs it: to delete its file alone succeeds and changes nothing, as clients do that with each file of a tag.',
		params: Type.Object({repository: Type.String(), path: Type.String()}),
		answers: {
			204: {description: 'It is gone.'},
			400: {description: 'The repository does not have it itself.'},
			403: {description: 'A right is missing, or a tag is immutable.'},
			404: {description: 'There is no such item.'},
			409: {description: 'Something else needs it: it is in an index.'},
		},
		async handle({params: {repository, path: text}, caller, demand, signal}) {
			const path = readItemPath(text);
			const images = (await parts.repositories.get(repository))?.v1;
			if (images === undefined) {
				await removal.remove(repository, path, {caller, demand, signal});
			} else {
				await deleteV1Item(images, {key: repository, path}, {caller, demand, signal});
			}
			return {status: 204};
		},
	});
}
