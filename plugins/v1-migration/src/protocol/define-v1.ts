import type {Repositories, RouteAccess, Routes} from '@stowage/core';
import type {LimitFunction} from 'p-limit';
import {getAncestry, getImageJson, getLayer} from './images.ts';
import {putChecksum, putImageJson, putLayer} from './image-push.ts';
import {
	allowAccess,
	deleteName,
	endPush,
	getNameJson,
	getProperties,
	listImages,
	putProperties,
	startPush,
} from './names.ts';
import {search} from './search.ts';
import {deleteTag, getTag, getTagJson, listTags, putTag} from './tags.ts';
import {checkLogin, ping, refuseRegistration} from './users.ts';
import {withWarning} from './with-warning.ts';

const readId: RouteAccess = {action: 'read'};
const writeId: RouteAccess = {action: 'write'};
const read: RouteAccess = {action: 'read', image: 'image'};
const write: RouteAccess = {action: 'write', image: 'image'};
const remove: RouteAccess = {action: 'delete', image: 'image'};
/** What is pushed is kept when it is tagged. */
const unaudited = {audit: false} as const;

/**
 * Docker's first registry API and its index, in one. Images are known by ids: handlers ask which names have them. `sums`
 * limits how many sums of tars are made at once.
 */
export function defineV1(all: Routes, repositories: Repositories, sums: LimitFunction): void {
	// Engines of today search by it, too, and have nothing to change.
	all.route('GET', '/search', 'public', async context => search(context, repositories));
	const routes = withWarning(all);
	routes.route('GET', '/_ping', 'public', ping);
	defineUsers(routes);
	routes.route('GET', '/images/:id/json', readId, getImageJson);
	routes.route('GET', '/images/:id/layer', readId, getLayer);
	routes.route('GET', '/images/:id/ancestry', readId, getAncestry);
	routes.route('PUT', '/images/:id/json', writeId, putImageJson, unaudited);
	routes.route('PUT', '/images/:id/layer', writeId, putLayer, unaudited);
	routes.route('PUT', '/images/:id/checksum', writeId, async context => putChecksum(context, sums), unaudited);
	defineTags(routes);
	defineNames(routes);
}

function defineUsers(routes: Routes): void {
	for (const path of ['/users', '/users/']) {
		routes.route('GET', path, 'signed-in', checkLogin);
		routes.route('POST', path, 'signed-in', refuseRegistration, unaudited);
	}
}

function defineTags(routes: Routes): void {
	routes.route('GET', '/repositories/*image/tags', read, listTags);
	routes.route('DELETE', '/repositories/*image/tags', remove, deleteName, {audit: 'v1.delete'});
	routes.route('GET', '/repositories/*image/tags/:tag', read, getTag);
	routes.route('PUT', '/repositories/*image/tags/:tag', write, putTag, {audit: 'v1.push'});
	routes.route('DELETE', '/repositories/*image/tags/:tag', remove, deleteTag, {audit: 'v1.delete'});
	routes.route('GET', '/repositories/*image/tags/:tag/json', read, getTagJson);
}

function defineNames(routes: Routes): void {
	routes.route('GET', '/repositories/*image/images', read, listImages);
	routes.route('PUT', '/repositories/*image/images', write, endPush, unaudited);
	routes.route('DELETE', '/repositories/*image/images', remove, deleteName, {audit: 'v1.delete'});
	routes.route('GET', '/repositories/*image/json', read, getNameJson);
	routes.route('GET', '/repositories/*image/properties', read, getProperties);
	routes.route('PUT', '/repositories/*image/properties', write, putProperties, unaudited);
	routes.route('PUT', '/repositories/*image/auth', write, allowAccess, unaudited);
	for (const path of ['/repositories/*image/', '/repositories/*image']) {
		routes.route('PUT', path, write, startPush, unaudited);
		routes.route('DELETE', path, remove, deleteName, {audit: 'v1.delete'});
	}
}
