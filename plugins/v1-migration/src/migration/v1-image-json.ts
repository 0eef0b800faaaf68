import {type V1ImageId, findV1ImageId} from '@stowage/core';
import {parseV1Document} from './parse-v1-document.ts';
import {ConversionError} from './conversion-error.ts';

export type V1Value = Readonly<Record<string, unknown>>;

/** What the JSON of a V1 image says (Docker Image Specification v1.0.0, "Image JSON Description"), checked. */
export interface V1ImageJson {
	readonly id: V1ImageId;
	readonly parent?: V1ImageId;
	/** RFC 3339. */
	readonly created?: string;
	readonly author?: string;
	readonly comment?: string;
	readonly architecture?: string;
	readonly os?: string;
	/** Bytes of the files of its layer, as the engine counted them. */
	readonly size?: number;
	readonly config?: V1Value;
	readonly containerConfig?: V1Value;
	/** All of it. */
	readonly document: V1Value;
}

/** RFC 3339, section 5.6. */
const timeGrammar = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/;

export function isV1ImageId(text: unknown): text is V1ImageId {
	return findV1ImageId(text) !== undefined;
}

/** Throws `ConversionError` when the bytes are not the JSON of the image of this id. */
export function parseV1ImageJson(bytes: Uint8Array, id: V1ImageId): V1ImageJson {
	const fail = (what: string, cause?: unknown) =>
		new ConversionError('json', `the JSON of ${id.slice(0, 12)} ${what}`, {cause});
	const document = parseV1Document(bytes, fail);
	const field = <Value>(name: string, is: (value: unknown) => value is Value): Value | undefined => {
		const value = document[name] ?? undefined;
		if (value !== undefined && !is(value)) {
			throw fail(`has a wrong "${name}"`);
		}
		return value;
	};
	if (document['id'] !== id) {
		throw fail('is that of another image');
	}
	const parent = document['parent'] === '' ? undefined : field('parent', isV1ImageId);
	const created = field('created', isText);
	if (created !== undefined && (!timeGrammar.test(created) || Number.isNaN(Date.parse(created)))) {
		throw fail('has a wrong "created"');
	}
	return {
		id,
		parent,
		created,
		author: field('author', isText),
		comment: field('comment', isText),
		architecture: field('architecture', isText),
		os: field('os', isText),
		size: field('Size', isNumber),
		config: field('config', isObject),
		containerConfig: field('container_config', isObject),
		document,
	};
}

function isText(value: unknown): value is string {
	return typeof value === 'string';
}

function isNumber(value: unknown): value is number {
	return typeof value === 'number';
}

export function isObject(value: unknown): value is V1Value {
	return typeof value === 'object' && value !== null && !Array.isArray(value);
}
