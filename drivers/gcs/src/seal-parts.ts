import type {Abortable} from '@stowage/core';
import {type Bucket, composedAtOnce} from './bucket.ts';
import {moveObject} from './move-object.ts';
import type {UploadParts} from './upload-parts.ts';

const deletedAtOnce = 8;

export interface SealOptions extends Abortable {
	/** Put before the names of parts. */
	readonly folder: string;
}

/** Makes one object of the parts and the tail. Doing it again makes the same object. Rejects as missing when a part is. */
export async function sealParts(
	bucket: Bucket,
	{names, tail}: UploadParts,
	to: string,
	{folder, signal}: SealOptions,
): Promise<void> {
	const parts = names.map(name => folder + name);
	if (parts.length === 0) {
		await bucket.insert(to, tail, {signal});
		return;
	}
	if (tail.length > 0) {
		await bucket.insert(`${folder}tail`, tail, {signal});
		parts.push(`${folder}tail`);
	}
	const [first, ...others] = await composeDown(bucket, parts, {folder, signal});
	if (others.length > 0) {
		await bucket.compose([first!, ...others], to, {signal});
	} else {
		await moveObject(bucket, first!, to, {signal});
	}
}

/** Removes all parts, those of appends that broke included. */
export async function deleteParts(bucket: Bucket, {folder, signal}: SealOptions): Promise<void> {
	let batch: Promise<void>[] = [];
	for await (const {key} of bucket.list(folder, {signal})) {
		batch.push(bucket.delete(key, {signal}));
		if (batch.length === deletedAtOnce) {
			await Promise.all(batch);
			batch = [];
		}
	}
	await Promise.all(batch);
}

/** Composes parts in groups, level by level, until they fit into one call. */
async function composeDown(
	bucket: Bucket,
	parts: readonly string[],
	{folder, signal}: SealOptions,
	level = 1,
): Promise<readonly string[]> {
	if (parts.length <= composedAtOnce) {
		return parts;
	}
	const composed: string[] = [];
	for (let start = 0; start < parts.length; start += composedAtOnce) {
		const name = `${folder}composed-${level}-${start}`;
		await bucket.compose(parts.slice(start, start + composedAtOnce), name, {signal});
		composed.push(name);
	}
	return composeDown(bucket, composed, {folder, signal}, level + 1);
}
