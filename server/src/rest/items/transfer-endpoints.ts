import {type ItemAddress, ItemTransfer} from '@stowage/core';
import {Type} from 'typebox';
import {type Endpoint, defineEndpoint} from '../endpoint.ts';
import {restError} from '../rest-error.ts';
import type {RestParts} from '../rest-parts.ts';
import {nameOf} from './describe-item.ts';
import {readItemPath} from './asked-item.ts';

const flag = (description: string) => Type.Optional(Type.Boolean({description}));

const query = Type.Object({
	to: Type.String({
		description: '`/<key>/<path>`. A slash at its end means the same name below; a key alone the same path.',
	}),
	dry: flag('Only finds out whether it could be done.'),
	suppressLayouts: flag('Has no meaning here.'),
	failFast: flag('Has no meaning here: what fails ends it.'),
});

/** `POST /api/copy/<key>/<path>?to=/<key>/<path>`, and `move`. */
export function transferEndpoints(parts: RestParts): readonly Endpoint[] {
	const transfer = new ItemTransfer(parts);
	return (['copy', 'move'] as const).map(word =>
		defineEndpoint({
			method: 'POST',
			path: `/api/${word}/:repository/*path`,
			access: {action: 'read', repository: 'repository'},
			audit: `item.${word}`,
			tag: 'items',
			summary: `${word === 'copy' ? 'Copies' : 'Moves'} a tag, an image, or a folder of images.`,
			description:
				'As a promotion: signatures, layers and properties go along, and each image or tag is in one place or the other, whole. The file of a config or a layer goes with its manifest: alone it goes nowhere. Rights are those of a promotion.',
			params: Type.Object({repository: Type.String(), path: Type.String()}),
			query,
			answers: {
				200: {
					description: 'What was done.',
					schema: Type.Object({messages: Type.Array(Type.Object({level: Type.String(), message: Type.String()}))}),
				},
				400: {description: 'There can be no such thing at that path.'},
				403: {description: 'A right is missing, or a tag is immutable.'},
				404: {description: 'There is no such item or repository.'},
			},
			async handle({params, query: {to: text, dry = false}, caller, demand, signal}) {
				const from = {repository: params.repository, path: readItemPath(params.path)};
				const to = readTarget(text, from);
				const done = await transfer.transfer(from, to, {caller, demand, signal, copy: word === 'copy', dryRun: dry});
				const what = `${word === 'copy' ? 'copying' : 'moving'} ${nameItem(from)} to ${nameItem(to)}`;
				const message = dry
					? `Dry Run for ${what} completed successfully`
					: `${what} completed successfully, ${done.manifests} manifests and ${done.tags} tags`;
				return {json: {messages: [{level: 'INFO', message}]}};
			},
		}),
	);
}

function readTarget(text: string, from: ItemAddress): ItemAddress {
	const [, repository = '', rest = ''] = /^\/?([^/]+)(.*)$/.exec(text) ?? [];
	const path = readItemPath(rest);
	if (repository === '') {
		throw restError(400, 'query parameter "to": must be /<repository>/<path>');
	}
	if (path === '') {
		return {repository, path: from.path};
	}
	return {repository, path: rest.endsWith('/') ? `${path}/${nameOf(from)}` : path};
}

function nameItem({repository, path}: ItemAddress): string {
	return `${repository}:${path}`;
}
