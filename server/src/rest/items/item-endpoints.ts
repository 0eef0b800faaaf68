import type {Endpoint} from '../endpoint.ts';
import type {RestParts} from '../rest-parts.ts';
import {createFolderEndpoint} from './create-folder.ts';
import {deleteItemEndpoint} from './delete-item.ts';
import {downloadEndpoint} from './download.ts';
import {itemInfoEndpoints} from './item-info-endpoints.ts';
import {propertyEndpoints} from './property-endpoints.ts';
import {transferEndpoints} from './transfer-endpoints.ts';

/** What repositories hold, as files and folders. */
export function itemEndpoints(parts: RestParts): readonly Endpoint[] {
	return [
		...itemInfoEndpoints(parts),
		...propertyEndpoints(parts),
		...transferEndpoints(parts),
		downloadEndpoint(parts),
		createFolderEndpoint(parts),
		deleteItemEndpoint(parts),
	];
}
