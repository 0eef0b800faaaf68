import {randomBytes} from 'node:crypto';
import type {Json} from '@stowage/core';

/** What a state remembers: the parts on the service in their order, and bytes after them that are too few for a part. */
export interface UploadParts {
	/**
	 * Names, each of one append only: what an append that broke has sent may still arrive when another is under way, and
	 * must not replace a part of that one.
	 */
	readonly names: readonly string[];
	readonly tail: Buffer;
}

export function partsOf(data: Json | undefined): UploadParts {
	const {parts = [], tail = ''} = (data ?? {}) as {readonly parts?: readonly string[]; readonly tail?: string};
	return {names: parts, tail: Buffer.from(tail, 'base64')};
}

export function toJson({names, tail}: UploadParts): Json {
	return {
		...(names.length > 0 ? {parts: names} : {}),
		...(tail.length > 0 ? {tail: tail.toString('base64')} : {}),
	};
}

/** A name that no other append has, and neither the tail nor what is composed of parts. */
export function newPart(): string {
	return `a${randomBytes(6).toString('hex')}`;
}
