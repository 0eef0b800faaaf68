import {type V1ImageId, findV1ImageId} from '@stowage/core';
import {refusal} from './answers.ts';
import {parseJson} from './read-json.ts';

export interface PushedJson {
	readonly json: Buffer;
	readonly parent?: V1ImageId;
}

/** Throws 400 unless the bytes are the JSON of the image of this id. */
export function parseImageJson(json: Buffer, id: V1ImageId): PushedJson {
	const document = parseJson(json);
	if (typeof document !== 'object' || document === null || Array.isArray(document)) {
		throw refusal(400, 'Invalid JSON: it is no object');
	}
	const {id: told, parent} = document as {readonly id?: unknown; readonly parent?: unknown};
	if (told === undefined) {
		throw refusal(400, "Missing key `id' in JSON");
	}
	if (told !== id) {
		throw refusal(400, 'JSON data contains invalid id');
	}
	if (parent === undefined || parent === null || parent === '') {
		return {json};
	}
	const parentId = findV1ImageId(parent);
	if (parentId === undefined || parentId === id) {
		throw refusal(400, 'Image depends on a non existing parent');
	}
	return {json, parent: parentId};
}
