import {type RouteContext, type V1Tag, findV1ImageId, parseTagName} from '@stowage/core';
import {answerJson, imagesOf, refusal} from './answers.ts';
import {imageOf} from './image-name.ts';
import {describeTag} from './describe-tag.ts';
import {parseJson, readBody} from './read-json.ts';

const tagsAtATime = 1000;
/** Bytes of an id in quotation marks, and some room. */
const longestId = 1024;

/** `GET /repositories/<name>/tags`: a map, which is what clients decode. */
export async function listTags(context: RouteContext): Promise<void> {
	answerJson(context, 200, Object.fromEntries((await allTags(context)).map(({tag, id}) => [tag, id])));
}

export async function getTag(context: RouteContext): Promise<void> {
	answerJson(context, 200, (await findTag(context)).id);
}

export async function getTagJson(context: RouteContext): Promise<void> {
	const tag = await findTag(context);
	const {caller, signal} = context;
	answerJson(context, 200, describeTag(tag, await imagesOf(context).findImage(tag.id, {caller, signal})));
}

/** `PUT /repositories/<name>/tags/<tag>`: the id, as JSON. */
export async function putTag(context: RouteContext): Promise<void> {
	const {caller, signal} = context;
	const tag = parseTagName(context.params['tag'] ?? '');
	const {writer} = imagesOf(context);
	const id = findV1ImageId(parseJson(await readBody(context, longestId)));
	if (id === undefined) {
		throw refusal(400, 'Invalid data');
	}
	await writer.putTag(imageOf(context), tag, id, {caller, signal});
	answerJson(context, 200, true);
}

export async function deleteTag(context: RouteContext): Promise<void> {
	const {caller, signal} = context;
	const tag = parseTagName(context.params['tag'] ?? '');
	if (!(await imagesOf(context).writer.deleteTag(imageOf(context), tag, {caller, signal}))) {
		throw refusal(404, 'Tag not found');
	}
	answerJson(context, 200, true);
}

/** Throws 404 for a name without any. */
export async function allTags(context: RouteContext): Promise<readonly V1Tag[]> {
	const images = imagesOf(context);
	const tags: V1Tag[] = [];
	for (let after: string | undefined; ;) {
		const page = await images.listTags(imageOf(context), {limit: tagsAtATime, after});
		if (page === undefined) {
			throw refusal(404, 'Repository not found');
		}
		tags.push(...page.items);
		if (page.next === undefined) {
			return tags;
		}
		after = page.next;
	}
}

async function findTag(context: RouteContext): Promise<V1Tag> {
	const tag = await imagesOf(context).findTag(imageOf(context), parseTagName(context.params['tag'] ?? ''));
	if (tag === undefined) {
		throw refusal(404, 'Tag not found');
	}
	return tag;
}
