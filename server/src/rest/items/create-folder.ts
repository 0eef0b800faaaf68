import {demandItem} from '@stowage/core';
import {Type} from 'typebox';
import {type Endpoint, defineEndpoint} from '../endpoint.ts';
import {restError} from '../rest-error.ts';
import type {RestParts} from '../rest-parts.ts';
import {readItemPath, unknownItem} from './asked-item.ts';

/** `PUT /<key>/<path>/`, by which clients make a folder before they copy to it. */
export function createFolderEndpoint({repositories}: RestParts): Endpoint {
	return defineEndpoint({
		method: 'PUT',
		path: '/:repository/*path',
		access: {action: 'write', repository: 'repository'},
		audit: false,
		tag: 'items',
		summary: 'Says that a folder can be there; its path ends with a slash.',
		description: 'Folders come with the images in them: nothing is made. Files are pushed, promoted or copied.',
		params: Type.Object({repository: Type.String(), path: Type.String()}),
		answers: {
			201: {description: 'An image can be there.'},
			400: {description: 'Nothing can be pushed to the repository.'},
			403: {description: 'A right is missing.'},
			404: {description: 'There is no such repository, or nothing can have this path.'},
			405: {description: 'It is the path of a file.'},
		},
		async handle({params: {repository: key, path: text}, caller, demand}) {
			const path = readItemPath(text);
			demandItem({caller, demand}, 'write', key, path);
			if (!text.endsWith('/')) {
				const headers = {Allow: 'GET, HEAD, DELETE'};
				throw restError(405, 'a file is pushed, promoted or copied: only a folder can be put here', {headers});
			}
			const repository = await repositories.get(key);
			if (repository === undefined) {
				throw unknownItem(key, path);
			}
			if (repository.writer === undefined && repository.deployment === undefined) {
				throw restError(400, repository.readOnlyBecause ?? `nothing can be pushed to "${key}"`);
			}
			return {status: 201};
		},
	});
}
