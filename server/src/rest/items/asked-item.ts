import {type Action, type Item, ItemTree, demandItem, findItemPath} from '@stowage/core';
import type {EndpointRequest} from '../endpoint.ts';
import {restError} from '../rest-error.ts';
import type {RestParts} from '../rest-parts.ts';

type Asking = Pick<EndpointRequest<unknown, unknown, unknown>, 'caller' | 'demand' | 'signal'>;

export interface AskedItem {
	readonly tree: ItemTree;
	readonly item: Item;
	/** Key of the repository that was asked. */
	readonly key: string;
	/** As it was asked for, without slashes at its ends. */
	readonly path: string;
}

/** What the path says, without slashes at its ends. Throws 404 for what nothing is called. */
export function readItemPath(text: string | undefined): string {
	const path = findItemPath(text ?? '');
	if (path === undefined) {
		throw restError(404, 'nothing can have this path');
	}
	return path;
}

/**
 * The item of that path, as far as the caller may do that with it. Rejects with 401 or 403 for a caller who may not do
 * that with anything that the path could be of, and with 404 when it is not there.
 */
export async function findAskedItem(
	parts: RestParts,
	{key, path, action = 'read'}: {readonly key: string; readonly path: string; readonly action?: Action},
	asking: Asking,
): Promise<AskedItem> {
	const tree = await ItemTree.open(parts, key, asking.caller, {action});
	const item = await tree.find(path);
	if (item === undefined) {
		demandItem(asking, action, key, path);
		throw unknownItem(key, path);
	}
	return {tree, item, key, path};
}

export function unknownItem(key: string, path: string) {
	return restError(404, `Unable to find item: there is no ${path} in "${key}"`);
}
