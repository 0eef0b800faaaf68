import {type RouteContext, type V1ImageId, findV1ImageId} from '@stowage/core';
import {answerEmpty, answerJson, imagesOf, refusal} from './answers.ts';
import {giveToken} from './credentials.ts';
import {describeTag} from './describe-tag.ts';
import {imageOf} from './image-name.ts';
import {parseJson, readBody} from './read-json.ts';
import {allTags} from './tags.ts';

const imagesAtATime = 1000;
const largestList = 4_194_304;
/** Images that one push can be of. */
const mostImages = 10_000;

/** `PUT /repositories/<name>/`: a push begins with the ids of all that it is of. */
export async function startPush(context: RouteContext): Promise<void> {
	const {caller, signal} = context;
	const image = imageOf(context);
	const {writer} = imagesOf(context);
	const ids = await readIds(context);
	await writer.announce(image, ids, {caller, signal});
	await giveToken(context, image, 'write');
	answerJson(context, 200, '');
}

/** `PUT /repositories/<name>/images`: the end of a push. All that it says is known by then. */
export async function endPush(context: RouteContext): Promise<void> {
	const images = imagesOf(context);
	await readIds(context);
	await giveToken(context, imageOf(context), 'write');
	if ((await images.listImages(imageOf(context), {limit: 1})).items.length === 0) {
		throw refusal(404, 'images not found');
	}
	answerEmpty(context, 204);
}

/** `GET /repositories/<name>/images`: how a pull begins. */
export async function listImages(context: RouteContext): Promise<void> {
	const image = imageOf(context);
	const images = imagesOf(context);
	const found: {readonly id: V1ImageId; readonly checksum: string}[] = [];
	for (let after: string | undefined; ;) {
		const page = await images.listImages(image, {limit: imagesAtATime, after});
		found.push(...page.items);
		if (page.next === undefined) {
			break;
		}
		after = page.next;
	}
	if (found.length === 0) {
		throw refusal(404, 'images not found');
	}
	await giveToken(context, image, 'read');
	answerJson(context, 200, found);
}

/** With `X-Docker-Token: true` an index is asked, which only gives the token to delete with. */
export async function deleteName(context: RouteContext): Promise<void> {
	const {caller, signal} = context;
	const image = imageOf(context);
	const images = imagesOf(context);
	if (context.get('X-Docker-Token') === 'true') {
		await giveToken(context, image, 'delete');
		answerJson(context, 202, '');
		return;
	}
	if (!(await images.writer.deleteName(image, {caller, signal}))) {
		throw refusal(404, 'Repository not found');
	}
	if (context.req.url?.split('?', 1)[0]?.endsWith('/images') === true) {
		answerEmpty(context, 204);
	} else {
		answerJson(context, 200, true);
	}
}

/** `GET /repositories/<name>/json`: of the tag that was set last. */
export async function getNameJson(context: RouteContext): Promise<void> {
	const tags = await allTags(context);
	const last = tags.reduce((one, other) => (other.taggedAt > one.taggedAt ? other : one));
	const {caller, signal} = context;
	answerJson(context, 200, describeTag(last, await imagesOf(context).findImage(last.id, {caller, signal})));
}

/** Who may read is said by permissions. To somebody who has not signed in, what he can see is public. */
export async function getProperties(context: RouteContext): Promise<void> {
	await allTags(context);
	answerJson(context, 200, {access: accessFor(context)});
}

export async function putProperties(context: RouteContext): Promise<void> {
	imagesOf(context);
	const value = parseJson(await readBody(context, largestList)) as {readonly access?: unknown} | null;
	if (value?.access !== 'public' && value?.access !== 'private') {
		throw refusal(400, 'Invalid data: "access" is "private" or "public"');
	}
	if (value.access !== accessFor(context)) {
		throw refusal(400, 'who may read is said by permissions, not here');
	}
	answerJson(context, 200, true);
}

/** `PUT /repositories/<name>/auth`: the gate has found that the caller may push there. */
export function allowAccess(context: RouteContext): void {
	imagesOf(context);
	answerJson(context, 200, '');
}

function accessFor({caller}: RouteContext): 'public' | 'private' {
	return caller.anonymous ? 'public' : 'private';
}

async function readIds(context: RouteContext): Promise<readonly V1ImageId[]> {
	const value = parseJson(await readBody(context, largestList));
	if (!Array.isArray(value) || value.length > mostImages) {
		throw refusal(400, `Invalid data: it must be a list of at most ${mostImages}`);
	}
	return value.map((item: unknown) => {
		const {id} = (item ?? {}) as {readonly id?: unknown};
		return findV1ImageId(id) ?? invalidId(id);
	});
}

function invalidId(id: unknown): never {
	throw refusal(400, `Invalid data: ${JSON.stringify(id)?.slice(0, 80) ?? 'an item'} is no image id`);
}
