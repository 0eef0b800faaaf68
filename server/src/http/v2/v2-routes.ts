import type {Repositories} from '@stowage/core';
import type {Authenticator} from '../../auth/authenticator.ts';
import type {HttpContext, ImageContext} from '../http-context.ts';
import type {Handler, RouteTable} from '../route-table.ts';
import type {TrustedProxies} from '../trusted-proxies.ts';
import {appendToUpload, cancelUpload, finishUpload, getUpload} from './blob-uploads.ts';
import {deleteBlob, getBlob} from './blobs.ts';
import {listCatalog} from './catalog.ts';
import {deleteManifest, getManifest} from './manifests.ts';
import {definePing} from './ping.ts';
import {putManifest} from './put-manifest.ts';
import {listReferrers} from './referrers.ts';
import {startUpload} from './start-upload.ts';
import {listTags} from './tags.ts';
import {answerToken} from './token.ts';

export interface V2Parts {
	readonly authenticator: Authenticator;
	readonly repositories: Repositories;
	readonly proxies: TrustedProxies;
}

const read = {action: 'read', image: 'image'} as const;
const write = {action: 'write', image: 'image'} as const;
const remove = {action: 'delete', image: 'image'} as const;
/** What blobs are pushed for is said by the manifest that names them. */
const unaudited = {audit: false} as const;

/** Every end-point of the distribution specification, below whatever addresses a repository. Most asked for comes first. */
export function defineV2(routes: RouteTable, {authenticator, repositories, proxies}: V2Parts): void {
	const token = async (context: HttpContext) => answerToken(context, authenticator, proxies);
	const start = ofImage(async context => startUpload(context, repositories));
	routes.route('GET', '/*image/manifests/:reference', read, ofImage(getManifest));
	routes.route('PUT', '/*image/manifests/:reference', write, ofImage(putManifest), {audit: 'manifest.push'});
	routes.route('DELETE', '/*image/manifests/:reference', remove, ofImage(deleteManifest), {audit: 'manifest.delete'});
	routes.route('POST', '/*image/blobs/uploads/', write, start, unaudited);
	routes.route('POST', '/*image/blobs/uploads', write, start, unaudited);
	routes.route('GET', '/*image/blobs/uploads/:upload', write, ofImage(getUpload));
	routes.route('PATCH', '/*image/blobs/uploads/:upload', write, ofImage(appendToUpload), unaudited);
	routes.route('PUT', '/*image/blobs/uploads/:upload', write, ofImage(finishUpload), unaudited);
	routes.route('DELETE', '/*image/blobs/uploads/:upload', write, ofImage(cancelUpload), unaudited);
	routes.route('GET', '/*image/blobs/:digest', read, ofImage(getBlob));
	routes.route('DELETE', '/*image/blobs/:digest', remove, ofImage(deleteBlob), {audit: 'blob.delete'});
	routes.route('GET', '/*image/tags/list', read, ofImage(listTags));
	routes.route('GET', '/*image/referrers/:digest', read, ofImage(listReferrers));
	routes.route('GET', '/_catalog', {action: 'read'}, async context => listCatalog(context, repositories));
	routes.route('GET', '/token', 'public', token);
	routes.route('POST', '/token', 'public', token);
	definePing(routes);
}

/** The guard has set image and repository before a handler of a route runs whose access names an image. */
function ofImage(handler: (context: ImageContext) => void | Promise<void>): Handler {
	return handler as Handler;
}
