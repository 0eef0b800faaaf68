import {RegistryError} from '@stowage/core';
import {answerJson} from '../answer.ts';
import type {ImageContext} from '../http-context.ts';
import {nextLink, parsePageQuery} from './page-query.ts';
import {readOptions} from './read-options.ts';
import {warningHeader} from './warning-header.ts';

/** `GET /<image>/tags/list?n=&last=` (specification, end-8). */
export async function listTags(context: ImageContext): Promise<void> {
	const {address, image, repository} = context;
	const {limit, after} = parsePageQuery(context, 'TAG_INVALID');
	const page = await repository.listTags(image, {limit: Math.max(limit, 1), after}, readOptions(context));
	const name = address.namePrefix + (repository.nameOf?.(image) ?? image);
	if (page === undefined) {
		throw new RegistryError('NAME_UNKNOWN', 'repository name not known to registry', {detail: {name}});
	}
	const told = warningHeader(page.warning);
	if (limit === 0) {
		answerJson(context, 200, told, {name, tags: []});
		return;
	}
	const link = nextLink(address, `/${image}/tags/list`, page.next, {n: limit});
	answerJson(context, 200, {...link, ...told}, {name, tags: page.items});
}
