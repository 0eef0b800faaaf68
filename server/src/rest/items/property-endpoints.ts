import {type Item, ItemProperties, type Properties, type PropertyChange, RegistryError} from '@stowage/core';
import {Type} from 'typebox';
import {type Endpoint, type EndpointAnswer, type EndpointRequest, defineEndpoint} from '../endpoint.ts';
import {restError} from '../rest-error.ts';
import type {RestParts} from '../rest-parts.ts';
import {type AskedItem, findAskedItem, readItemPath} from './asked-item.ts';
import {readNames, readProperties, readValues} from './property-text.ts';

const recursive = Type.Optional(
	Type.Boolean({default: true, description: 'Whether what is below a folder is changed as well.'}),
);
const values = Type.Union([Type.String(), Type.Array(Type.String()), Type.Null()]);

const common = {
	tag: 'items',
	answers: {
		204: {description: 'They are as asked.'},
		400: {
			description: 'A name or a value is not possible or contradicts what the item is, or an item would have too many.',
		},
		404: {description: 'There is no such item.'},
	},
} as const;

/** Of an item, and of the repository itself. */
const places = [
	{
		end: '/*path',
		access: {action: 'annotate', repository: 'repository'},
		params: Type.Object({repository: Type.String(), path: Type.String()}),
	},
	{
		end: '{/}',
		access: 'admin',
		params: Type.Object({repository: Type.String(), path: Type.Optional(Type.String())}),
	},
] as const;

type Asking = Pick<EndpointRequest<unknown, unknown, unknown>, 'caller' | 'demand' | 'signal'>;

/** `PUT` and `DELETE /api/storage/<key>/<path>?properties=`, `PATCH` and `PUT /api/metadata/<key>/<path>`. */
export function propertyEndpoints(parts: RestParts): readonly Endpoint[] {
	return places.flatMap(({end, access, params}) => [
		defineEndpoint({
			...common,
			access,
			params,
			method: 'PUT',
			path: `/api/storage/:repository${end}`,
			audit: 'property.set',
			summary: 'Gives properties to an item.',
			description:
				'Values take the place of those of the same name. `\\` makes one of `,;|=\\` a character like others.',
			query: Type.Object({properties: Type.String({description: '`name=value,value;name=value`'}), recursive}),
			handle: ({params: {repository: key, path}, query, ...request}) =>
				change(parts, {key, path, recursive: query.recursive}, {set: readProperties(query.properties)}, request),
		}),
		defineEndpoint({
			...common,
			access,
			params,
			method: 'DELETE',
			path: `/api/storage/:repository${end}`,
			audit: 'property.delete',
			summary: 'Takes properties from an item.',
			query: Type.Object({properties: Type.String({description: 'Names, with commas between.'}), recursive}),
			handle: ({params: {repository: key, path}, query, ...request}) =>
				change(parts, {key, path, recursive: query.recursive}, {remove: readNames(query.properties)}, request),
		}),
		...(['PATCH', 'PUT'] as const).map(method =>
			defineEndpoint({
				...common,
				access,
				params,
				method,
				path: `/api/metadata/:repository${end}`,
				summary: 'Changes properties of an item: values set one, `null` removes it.',
				description:
					'A text is values with commas between; `\\` makes a comma one like others. A list is values as they are.',
				query: Type.Object({recursiveProperties: recursive}),
				body: {schema: Type.Object({props: Type.Optional(Type.Record(Type.String(), values))})},
				handle: ({params: {repository: key, path}, query, body, ...request}) =>
					change(parts, {key, path, recursive: query.recursiveProperties}, readPatch(body.props), request),
			}),
		),
	]);
}

async function change(
	parts: RestParts,
	{
		key,
		path,
		recursive = true,
	}: {readonly key: string; readonly path: string | undefined; readonly recursive?: boolean},
	wanted: PropertyChange,
	asking: Asking,
): Promise<EndpointAnswer> {
	const itemPath = readItemPath(path);
	if (itemPath === '' && !asking.caller.admin) {
		throw new RegistryError('DENIED', 'only administrators change properties of a repository', {status: 403});
	}
	const asked = await findAskedItem(parts, {key, path: itemPath, action: 'annotate'}, asking);
	if (asked.tree.sources.length > 1 || asked.item.source.key !== key) {
		throw restError(400, `"${key}" is made of other repositories: change the properties in the one that has the item`);
	}
	demandFolder(asked, asking);
	if ((wanted.set?.size ?? 0) + (wanted.remove?.length ?? 0) === 0) {
		throw restError(400, 'no property is named');
	}
	await new ItemProperties(parts).change(recursive ? wholeOf(asked) : [asked.item], wanted, asking);
	return {status: 204};
}

/** What is no image is asked for as if it were one. */
function demandFolder({item, key, path}: AskedItem, {demand}: Asking): void {
	const plain = item.kind === 'folder' && item.version === undefined && item.image === undefined;
	if (plain && path !== '') {
		demand('annotate', key, path as Parameters<Asking['demand']>[2]);
	}
}

async function* wholeOf({tree, item, path}: AskedItem): AsyncGenerator<Item, void> {
	yield item;
	if (item.kind === 'folder') {
		yield* tree.walk(path);
	}
}

function readPatch(props: Readonly<Record<string, string | readonly string[] | null>> = {}): PropertyChange {
	const entries = Object.entries(props);
	const set: Properties = new Map(
		entries.flatMap(([name, value]) =>
			value === null ? [] : [[name, typeof value === 'string' ? readValues(value) : value] as const],
		),
	);
	return {set, remove: entries.flatMap(([name, value]) => (value === null ? [name] : []))};
}
