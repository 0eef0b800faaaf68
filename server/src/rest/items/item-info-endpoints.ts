import {ItemProperties} from '@stowage/core';
import {Type} from 'typebox';
import {type Endpoint, type EndpointAnswer, type EndpointRequest, defineEndpoint} from '../endpoint.ts';
import {restError} from '../rest-error.ts';
import type {RestParts} from '../rest-parts.ts';
import {type AskedItem, findAskedItem, readItemPath} from './asked-item.ts';
import {describeFile, describeFolder, findTimes, storageUri} from './describe-item.ts';
import {itemSchema} from './item-schema.ts';
import {type ListQuery, listItems} from './list-items.ts';
import {readNames} from './property-text.ts';
import {answerV1Item} from './v1-items.ts';

const flag = (description: string) => Type.Optional(Type.Boolean({description}));

const query = Type.Object({
	list: flag('Lists what is below a folder.'),
	deep: flag('With `list`: all that is below, not only what is in the folder.'),
	depth: Type.Optional(Type.Integer({minimum: 1, description: 'With `deep`: how many steps below.'})),
	listFolders: flag('With `list`: folders too.'),
	mdTimestamps: flag('With `list`: when properties were changed.'),
	includeRootPath: flag('With `list`: the folder itself too.'),
	properties: Type.Optional(
		Type.String({description: 'The properties, or those of these names, with commas between.'}),
	),
	lastModified: flag('What below the path was changed last.'),
});

interface InfoQuery extends ListQuery {
	readonly list?: boolean;
	readonly properties?: string;
	readonly lastModified?: boolean;
}

const answers = {
	200: {
		description: 'What was asked for.',
		schema: itemSchema,
	},
	400: {description: 'A list of what is below a file.'},
	404: {description: 'There is no such item, or it has no properties.'},
};

type Request = Pick<EndpointRequest<unknown, unknown, unknown>, 'context' | 'url' | 'signal'>;

/** `GET /api/storage/<key>/<path>`. */
export function itemInfoEndpoints(parts: RestParts): readonly Endpoint[] {
	const common = {
		method: 'GET',
		access: {action: 'read', repository: 'repository'},
		tag: 'items',
		query,
		answers,
	} as const;
	const below = defineEndpoint({
		...common,
		path: '/api/storage/:repository/*path',
		summary: 'What a file or folder is, what is in it, or its properties.',
		params: Type.Object({repository: Type.String(), path: Type.String()}),
		async handle({params: {repository: key, path}, query, ...request}) {
			return answerAsked(parts, {key, path: readItemPath(path)}, {query, request});
		},
	});
	const root = defineEndpoint({
		...common,
		path: '/api/storage/:repository{/}',
		summary: 'What is in a repository, or its properties.',
		params: Type.Object({repository: Type.String()}),
		async handle({params: {repository: key}, query, ...request}) {
			return answerAsked(parts, {key, path: ''}, {query, request});
		},
	});
	return [root, below];
}

type AskingRequest = Request & Parameters<typeof findAskedItem>[2];

async function answerAsked(
	parts: RestParts,
	place: {readonly key: string; readonly path: string},
	{query, request}: {readonly query: InfoQuery; readonly request: AskingRequest},
): Promise<EndpointAnswer> {
	const images = (await parts.repositories.get(place.key))?.v1;
	return images === undefined
		? answerItem(parts, await findAskedItem(parts, place, request), {query, request})
		: answerV1Item(parts, {images, query, ...place}, request);
}

async function answerItem(
	parts: RestParts,
	asked: AskedItem,
	{query, request}: {readonly query: InfoQuery; readonly request: Request},
): Promise<EndpointAnswer> {
	const {metadata} = parts;
	const {url, signal} = request;
	if (query.list === true) {
		await listItems(asked, query, {parts, ...request});
		return undefined;
	}
	if (query.properties !== undefined) {
		return {json: await describeProperties(parts, asked, {names: query.properties, request})};
	}
	if (query.lastModified === true) {
		return {json: await describeLast(parts, asked, request)};
	}
	const {item} = asked;
	const json =
		item.kind === 'file'
			? await describeFile({...asked, item}, {parts, url, signal})
			: await describeFolder({...asked, item}, {metadata, url});
	return {json};
}

async function describeProperties(
	parts: RestParts,
	asked: AskedItem,
	{names: text, request: {url, signal}}: {readonly names: string; readonly request: Request},
): Promise<unknown> {
	const {item} = asked;
	const properties = (await new ItemProperties(parts).read([item], {signal})).get(item);
	const names = readNames(text);
	const wanted = [...(properties ?? [])].filter(([name]) => names.length === 0 || names.includes(name));
	if (wanted.length === 0) {
		throw restError(404, 'No properties could be found.');
	}
	return {properties: Object.fromEntries(wanted), uri: storageUri(asked, url)};
}

async function describeLast({metadata}: RestParts, asked: AskedItem, {url, signal}: Request): Promise<unknown> {
	const {key, tree, item} = asked;
	let last = {path: item.path, at: (await findTimes(item, metadata)).updatedAt};
	for await (const {path, kind, version} of tree.walk(asked.path)) {
		signal.throwIfAborted();
		if (kind === 'file' && version.updatedAt > last.at) {
			last = {path, at: version.updatedAt};
		}
	}
	return {uri: storageUri({key, path: last.path}, url), lastModified: last.at.toISOString()};
}
