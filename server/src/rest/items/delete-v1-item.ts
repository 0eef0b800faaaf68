import {type V1Images, findImageName, findTagName} from '@stowage/core';
import type {EndpointRequest} from '../endpoint.ts';
import {restError} from '../rest-error.ts';
import {unknownItem} from './asked-item.ts';

type Asking = Pick<EndpointRequest<unknown, unknown, unknown>, 'caller' | 'demand' | 'signal'>;

const root = 'repositories/';

/**
 * Deletes a tag of the first API, `repositories/<name>/<tag>`, or a name with all its tags. Images go by themselves when no
 * tag needs them any more.
 */
export async function deleteV1Item(
	{writer}: V1Images,
	{key, path}: {readonly key: string; readonly path: string},
	{caller, demand, signal}: Asking,
): Promise<void> {
	if (!path.startsWith(root)) {
		throw restError(400, 'only tags and names can be deleted: images go when no tag needs them any more');
	}
	const named = path.slice(root.length);
	const slash = named.lastIndexOf('/');
	const [whole, image] = [findImageName(named), findImageName(named.slice(0, Math.max(slash, 0)))];
	const tag = findTagName(named.slice(slash + 1));
	const mayWhole = whole !== undefined && caller.may('delete', key, whole);
	const mayTag = image !== undefined && caller.may('delete', key, image);
	const asked = image ?? whole;
	if (!mayWhole && !mayTag && asked !== undefined) {
		demand('delete', key, asked);
	}
	const options = {caller, signal};
	const deleted =
		(mayTag && tag !== undefined && (await writer.deleteTag(image, tag, options))) ||
		(mayWhole && (await writer.deleteName(whole, options)));
	if (!deleted) {
		throw unknownItem(key, path);
	}
}
