import type {Page, PageRequest, Repositories} from '@stowage/core';
import type {Address} from '../addressing.ts';
import {answerJson} from '../answer.ts';
import {unauthorized} from '../gate.ts';
import type {HttpContext} from '../http-context.ts';
import {listAllImages, listReadable} from './image-catalog.ts';
import {nextLink, parsePageQuery} from './page-query.ts';
import {readOptions} from './read-options.ts';
import {warningHeader} from './warning-header.ts';

/**
 * `GET /_catalog?n=&last=`: the images of the repository that the address means, or `<key>/<image>` of all where it
 * means none; only what the caller may read.
 */
export async function listCatalog(context: HttpContext, repositories: Repositories): Promise<void> {
	const {limit, after} = parsePageQuery(context, 'NAME_INVALID');
	const page = await findPage(context, repositories, {limit: Math.max(limit, 1), after});
	const told = warningHeader(page.warning);
	if (limit === 0) {
		answerJson(context, 200, told, {repositories: []});
		return;
	}
	const link = nextLink(context.address as Address, '/_catalog', page.next, {n: limit});
	answerJson(context, 200, {...link, ...told}, {repositories: page.items});
}

async function findPage(context: HttpContext, repositories: Repositories, page: PageRequest): Promise<Page<string>> {
	const {caller, repository} = context;
	const options = {...readOptions(context), caller: caller.listing};
	if (repository !== undefined) {
		return repository.listImages(page, options);
	}
	const keys = await listReadable(repositories, caller.listing);
	if (keys.length === 0 && (await couldSeeMore(context, repositories))) {
		throw unauthorized();
	}
	// Not those that upstreams could fetch as well: one that is down would keep all others from being listed.
	return listAllImages(keys, repositories, page, {...options, storedOnly: true});
}

/** Whether signing in, or another token, could help somebody who may list nothing. */
async function couldSeeMore({caller}: HttpContext, repositories: Repositories): Promise<boolean> {
	return caller.anonymous || (await repositories.keys()).some(key => caller.lacksScope('read', key));
}
